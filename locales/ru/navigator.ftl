### «Навигатор»: один поиск по всему, закладки, поделиться.

navigator-kind =
    .answer = Ответ
    .practice = Практика
    .event = Мероприятие
    .programme = Программа
    .material = Материалы
    .community = Сообщество
    .contest = Конкурс
    .place = Площадка
    .document = Документ

navigator-home = Напишите, что ищете: тему, предмет, слово. Ищу в ответах, практиках, материалах, программах, мероприятиях, сообществах, площадках и конкурсах.
    .title = Навигатор
    .growth = По моим точкам роста
    .saved = Мои закладки
    .topics = По темам
    .practices = Практики коллег
    .contests = Календарь конкурсов
    .open = Навигатор

navigator-found = { $lines }
    .title = «{ $query }»: нашлось { $n }
    .title-pages = «{ $query }»: нашлось { $n }, стр. { $page } из { $pages }
    .line = { $i }. { $kind }: { $title }
    .ask = Спросить методиста
    .want = Хочу такой курс
    .again = Искать иначе
navigator-none = Напишите короче или другим словом: слова ищу в любом порядке. Или спросите методиста, или запишите желание: наберётся группа – пригласим.
    .title = По словам «{ $query }» не нашлось

navigator-growth = { $lines }
    .title = Для ваших точек роста
    .title-pages = Для ваших точек роста, стр. { $page } из { $pages }
navigator-growth-none = По вашим темам пока ничего не собрано. Новое появляется каждую неделю.
    .title = Пока пусто
navigator-growth-unknown = Точки роста появятся после самодиагностики. Искать можно и без неё.
    .title = Точек роста пока нет
    .diagnostics = Диагностика

navigator-topics = { $lines }
    .title = Темы
    .title-pages = Темы, стр. { $page } из { $pages }
    .line = { $i }. { $title }: { $n }
navigator-topic = { $lines }
    .title = { $topic }
    .title-pages = { $topic }, стр. { $page } из { $pages }
navigator-empty = Здесь пока ничего не собрано.
    .title = Пока пусто

navigator-saved = { $lines }
    .title = Мои закладки
    .title-pages = Мои закладки, стр. { $page } из { $pages }
navigator-saved-none = Нажмите «В закладки» на карточке, и она будет ждать здесь.
    .title = Закладок пока нет

navigator-one = { $about }
    .title = { $title }
    .kind = { $kind }
    .open = Открыть
    .save = В закладки
    .unsave = Убрать закладку
    .share = Поделиться
navigator-saved-toast = В закладках
navigator-unsaved-toast = Убрано из закладок

navigator-share =
    { $title }

    { $links }
    .title = Перешлите коллеге
    .door = { $name }: { $link }
    .web = В браузере: { $link }
navigator-messenger =
    .max = MAX
    .vk = ВКонтакте
    .telegram = Telegram

navigator-gone = Этого здесь больше нет. Поищите другое в «Навигаторе».

navigator-page =
    .lead = Один поиск по ответам методистов, практикам, материалам, программам, мероприятиям, сообществам и конкурсам.
    .query = Что ищете?
    .find = Найти
    .kind = Что показать
    .subject = Предмет
    .topic = Тема
    .every-kind = Всё
    .every-subject = Любой предмет
    .every-topic = Любая тема
    .newest = Новое
    .found = { $n ->
        [0] Ничего не нашлось
        [one] Нашлась { $n } запись
        [few] Нашлось { $n } записи
       *[many] Нашлось { $n } записей
    }
    .none = Напишите короче или другим словом, снимите фильтры. Спросить методиста можно в чате.
