### Бумаги: маршрутная карта, реестр, список к приказу. Здесь язык документов.

documents-card =
    .title = Маршрутная карта индивидуального образовательного маршрута
    .number = № в реестре { $number }
    .order = приказ № { $number } от { $date }
    .name = Фамилия, имя, отчество
    .position = Должность
    .subjects = Предметы
    .place = Место работы
    .experience = Педагогический стаж
    .category = Категория, дата аттестации
    .education = Образование
    .last-course = Последнее повышение квалификации
    .period = Период маршрута
    .basis = Основание
    .methodist = Методист (тьютор)
    .curator = Куратор в организации
    .contact = Контакт
    .profile = Профиль профессиональных дефицитов
    .group = Группа компетенций
    .pct = Результат
    .level = Уровень дефицита
    .source = Инструмент и версия
    .goal = Цель и задачи
    .measure = Измеримый результат: { $measure }
    .steps = Мероприятия маршрута
    .result = Итог маршрута
    .version = { $title }, версия { $number }
    .goal-groups = Развить профессиональные умения по группам: { $groups }.
    .goal-request = Выполнить маршрут по запросу педагога.
    .task = Уменьшить дефицит в группе «{ $group }».
    .task-measure = прирост от { $points } п. п. по итоговой диагностике.
    .ended = Маршрут { $state } { $date }.
    .effect = { $group }: было { $before } %, стало { $after } %, { $effect }.
    .conclusion = Заключение методиста: { $words }

documents-level =
    .minimal = минимальный
    .low = низкий
    .middle = средний
    .high = высокий

documents-effect =
    .overcome = дефицит преодолён
    .reduced = дефицит снижен
    .same = без заметного изменения
    .unknown = сравнить не с чем

documents-category =
    .first = первая
    .highest = высшая
    .methodist = педагог-методист
    .mentor = педагог-наставник
    .none = без категории

documents-basis =
    .diagnosis = Диагностика
    .diagnosis-of = Диагностика № { $number } от { $date }
    .request = Запрос педагога

documents-stage =
    .learning = Обучение
    .support = Сопровождение
    .practice = Практика

documents-years = { $n ->
    [0] меньше года
    [one] { $n } год
    [few] { $n } года
   *[many] { $n } лет
 }

documents-steps =
    .n = №
    .stage = Этап
    .need = Дефицит, задача
    .title = Мероприятие
    .kind = Вид
    .form = Форма
    .organiser = Организатор
    .due = Срок
    .hours = Часы
    .proof = Результат, отчётность
    .accepted = Отметка о выполнении
    .note = Заметки
    .until = до { $date }
    .total = Всего часов
    .itself = отмечено системой
    .optional = по желанию

documents-sign =
    .teacher = Педагог, согласие с маршрутом
    .methodist = Методист (тьютор)
    .curator = Куратор в организации
    .head = Руководитель центра
    .day = «___» ____________ 20__ г.

documents-register =
    .sheet = Реестр ИОМ
    .title = Реестр индивидуальных образовательных маршрутов на { $date }
    .number = № в реестре
    .name = ФИО
    .position = Должность
    .organisation = Организация
    .municipality = Муниципалитет
    .methodist = Методист
    .basis = Основание
    .starts = Начало
    .ends = Окончание
    .order-number = № приказа
    .order-date = Дата приказа
    .lines = Шагов
    .hours = Часов
    .accepted = Принято шагов
    .state = Состояние
    .closed-on = Закрыт
    .outcome = Итог

documents-order =
    .annex = Приложение
    .order = к приказу № { $number } от { $date }
    .title = Список педагогов, индивидуальные образовательные маршруты которых утверждены и сопровождаются методистами
    .n = №
    .number = № в реестре
    .name = ФИО
    .place = Место работы
    .methodist = Методист
    .period = Период
    .total = Всего: { $n } { $n ->
        [one] маршрут
        [few] маршрута
       *[many] маршрутов
    }.

documents-certificate =
    .title = Сертификат участника
    .took-part = участие в мероприятии
    .when = { $kind }, { $date }, продолжительность мероприятия { $hours } ч
    .issued = Выдан { $date }.
    .not-a-document = Подтверждает участие в мероприятии. Не является документом об образовании или о квалификации.
    .check = Проверить: { $url }
    .demo = Пример для демонстрации: мероприятие и имя вымышлены.

documents-author =
    .title = Сертификат автора
    .did = автор практики
    .reviewed = опубликована в региональном банке практик после экспертизы
    .published = опубликована в региональном банке практик
    .not-a-document = Подтверждает авторство публикации. Не является документом об образовании или о квалификации.
    .demo = Пример для демонстрации: практика и имя вымышлены.
