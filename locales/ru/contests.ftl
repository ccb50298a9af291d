### Конкурсы: календарь, карточка, напоминание о сроке, свои участия.

contests-home = { $lines }
    .title = Календарь конкурсов
    .title-pages = Календарь конкурсов, стр. { $page } из { $pages }
    .line = { $i }. { $title }: { $about }
    .until = приём до: { $date }
    .asked = напомню
    .mine = Мои участия

contests-short =
    .open = приём открыт
    .closing = приём открыт
    .no-term = срок уточняется
    .running = приём закончен, конкурс идёт
    .over = завершён

contests-standing =
    .open = Приём работ открыт.
    .closing = Приём работ открыт.
    .no-term = Срок уточняется: загляните сюда через неделю.
    .running = Приём закончился, конкурс идёт.
    .over = Конкурс завершён.

contests-none = Центр добавит конкурсы, когда объявят их сроки. Загляните через неделю.
    .title = Конкурсов пока нет

contests-card = { $lines }
    .title = { $title }
    .whole = { $title }
    .apply = Участвовать можно, приём до: { $date }.
    .period = Проходит: { $from } – { $to }.
    .day = Проходит: { $date }.
    .level = Уровень: { $level }.
    .audience = Для кого: { $audience }.
    .organiser = Кто проводит: { $organiser }.
    .own = Ваше участие: { $result }.
    .asked = Напомню о сроке.
    .broken = Страница конкурса сейчас не открывается.
    .link = Положение
    .remind = Напомнить о сроке
    .forget = Не напоминать

contests-remind-toast = Напомню: { $date }
contests-forget-toast = Не напомню
contests-no-term = До срока уже не осталось дня для напоминания. Откройте положение сейчас.
contests-gone = Этого конкурса в календаре больше нет. Откройте «Конкурсы» в «Навигаторе»: там все сроки.

contests-term = { $title }. Приём до: { $date }. { $who }
    .title = Скоро срок участия в конкурсе
    .organiser = Кто проводит: { $organiser }.
    .open = Открыть конкурс

contests-mine = { $lines }
    .title = Мои участия в конкурсах
    .line = • { $title }, { $date }: { $result }
    .more = И ещё: { $n }
contests-mine-none = Записи появятся, когда центр внесёт итоги. Пока можно выбрать конкурс в календаре.
    .title = Участий пока нет

admin-contest =
    .results = Участие и результаты
    .total = Участников: { $n }
    .places = По районам
    .none = Участий пока не внесли. Их загружают в реестр «Участие в конкурсах»: название конкурса должно совпадать.
    .list = Список участников
    .asked = Просили напомнить о сроке: { $n }
