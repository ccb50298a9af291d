### Каталог занятий: поиск и карточка в чате, страницы сотрудников, ошибки.

catalogue-kind =
    .dpp_register = Программа из федерального реестра
    .dpp_other = Программа повышения квалификации
    .internship = Стажировка
    .webinar = Вебинар
    .seminar = Семинар
    .masterclass = Мастер-класс
    .intensive = Интенсив
    .conference = Конференция
    .event_other = Мероприятие
    .consult = Консультация методиста
    .mentoring = Работа с наставником
    .open_lesson = Открытый урок
    .self_study = Самообразование
    .postcourse = Сопровождение после курса
    .community = Профессиональное сообщество
    .contest = Конкурс
    .transfer = Перенос в практику

catalogue-proof =
    .dpp_register = удостоверение: номер и дата
    .dpp_other = удостоверение: номер и дата
    .internship = справка или удостоверение и отчёт
    .webinar = отметка об участии, появится сама
    .seminar = отметка об участии, появится сама
    .masterclass = отметка об участии, появится сама
    .intensive = отметка об участии, появится сама
    .conference = отметка об участии, появится сама
    .event_other = отметка об участии, появится сама
    .consult = запись о консультации
    .mentoring = отметка наставника
    .open_lesson = лист наблюдения
    .self_study = разработка, конспект или подборка
    .postcourse = отметка методиста
    .community = протокол или ссылка
    .contest = диплом или подтверждение участия
    .transfer = лист наблюдения

catalogue-form =
    .in_person = очно
    .distance = дистанционно
    .mixed = очно и дистанционно

catalogue-hours = { $h ->
        [one] { $h } час
        [few] { $h } часа
        [many] { $h } часов
       *[other] { $h } часа
    }

catalogue-home = Программы, стажировки, вебинары и другие занятия. Напишите тему, предмет или слово.
    .title = Что пройти
    .all = Показать всё
    .search = Искать
catalogue-found =
    { $lines }

    Нажмите номер, чтобы открыть. Или напишите другое слово.
    .title = Нашлось: { $n }
    .title-pages = Нашлось: { $n }, стр. { $page } из { $pages }
    .line = { $i }. { $title } — { $about }
    .line-day = { $date }, { $hours }
    .search = Искать
catalogue-nothing = По словам «{ $query }» ничего не нашлось. Попробуйте короче или другим словом.
    .title = Пока не нашлось
    .want = Хочу такой курс
    .all = Показать всё
catalogue-empty = Занятия добавляет центр. Загляните позже или начните с самодиагностики.
    .title = Каталог пока пуст
    .diagnostics = Диагностика
catalogue-card = { $lines }
    .title = { $title }
    .kind = { $kind }, { $form }, { $hours }.
    .when = Когда: { $date }.
    .period = Когда: { $from } — { $to }.
    .until = Можно до { $date }.
    .any = Начать можно в любой день.
    .why = Зачем: { $groups }.
    .subjects = Предметы: { $subjects }.
    .organiser = Кто проводит: { $organiser }.
    .proof = Что подтвердит: { $proof }.
    .register = В федеральном реестре: { $number }.
    .requires = Сначала: { $titles }.
    .archived = Сейчас не проводится.
    .demo = Пример для демонстрации.
    .broken = Страница сейчас не открывается.
    .link = Открыть страницу

catalogue-wrong-title = Напишите название: от одного слова до 255 знаков.
catalogue-wrong-hours = Часов должно быть от 1 до { $most }.
catalogue-wrong-days = Занятие заканчивается раньше, чем начинается. Поправьте даты.
catalogue-wrong-seats = Мест не бывает меньше нуля. Оставьте поле пустым, если места не ограничены.
catalogue-wrong-link = Ссылка начинается с https:// или http://.
catalogue-wrong-register = Укажите номер программы в федеральном реестре.
catalogue-wrong-audience = Не знаю такой аудитории. Есть педагоги, воспитатели и руководители.
catalogue-wrong-group = Выберите хотя бы одну группу компетенций из списка. Не подходит: { $value }.
catalogue-unknown-group = Нет группы компетенций «{ $value }». Напишите, как в системе; несколько — через запятую.
catalogue-wrong-subject = Нет такого предмета: { $value }.
catalogue-wrong-requires = Занятие, которое нужно до этого, не нашлось.
catalogue-wrong-code = Код { $code } уже у другой строки каталога.
catalogue-wrong-number = Здесь нужно целое число: { $value }.
catalogue-wrong-day = Дата нужна в виде 22.11.2026: { $value }.

admin-catalogue =
    .title = Каталог занятий
    .sheet = Каталог
    .add = Добавить занятие
    .edit = Изменить
    .edit-title = Изменить занятие
    .save = Сохранить
    .export = Скачать XLSX
    .search = Что найти
    .name = Название
    .kind = Вид
    .form = Форма
    .hours = Часов
    .organiser = Кто проводит
    .groups = Группы компетенций
    .subjects = Предметы
    .subjects-any = Предметы (ни одного: подходит всем)
    .audiences = Для кого (никто не отмечен: для всех)
    .for-teacher = педагоги школ
    .for-preschool = воспитатели
    .for-leader = руководители
    .when = Когда
    .starts = Начало
    .ends = Окончание
    .seats = Мест
    .link = Ссылка
    .links = Ссылки
    .broken = не открываются
    .link-broken = ссылка не открывается с { $date }
    .register = Номер в федеральном реестре
    .register-until = В реестре до
    .site = Площадка
    .code = Код
    .about = Описание
    .requires = Сначала
    .state = Состояние
    .active = Проводятся
    .archived = В архиве
    .to-archive = В архив
    .from-archive = Вернуть в каталог
    .none = Ничего не нашлось
    .none-why = Попробуйте другое слово или снимите фильтры.
    .all = Весь каталог

admin-catalogue-import =
    .title = Загрузить таблицу
    .about = Строка — занятие. Код узнаёт занятие при повторной загрузке: оно обновится, а не удвоится.
    .file = Таблица XLSX или CSV
    .look = Проверить
    .sample = Скачать образец
    .columns = Столбцы
    .required = нужен
    .groups = Группы компетенций пишутся так:
    .preview = Проверка таблицы
    .counts = Новых: { $new }, обновятся: { $same }, с ошибками: { $wrong }. Пока ничего не записано.
    .unknown = Эти столбцы не понадобились: { $columns }.
    .all-right = Во всех строках всё понятно.
    .wrong-stay = Строки с ошибками не загрузятся. Их можно поправить и прислать таблицу снова.
    .apply = Загрузить строки: { $n }
    .other = Другая таблица
    .none = Загружать нечего: поправьте строки и пришлите таблицу снова.
    .row = Строка
    .why = Что поправить
    .wrong = С ошибками
    .new = Новые
    .same = Обновятся
    .more = И ещё строк: { $n }.
catalogue-import-nothing = Ни одной строки загрузить нельзя. Поправьте таблицу и пришлите её снова.
