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
    .note = Примечание
    .until = до { $date }
    .total = Всего часов

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
