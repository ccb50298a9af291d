# Дорожная карта в чате: меры ответственного, напоминания, подтверждения и их проверка.

roadmap-home = { $late ->
    [0] {""}
   *[other] Срок прошёл: { $late }.{" "}
 }{ $nodate ->
    [0] {""}
   *[other] Нужна дата: { $nodate }.{" "}
 }{ $soon ->
    [0] {""}
   *[other] Скоро срок: { $soon }.{" "}
 }{ $check ->
    [0] {""}
   *[other] На проверке: { $check }.
 }

    { $lines }
    .title = Дорожная карта: ваши меры
    .title-pages = Ваши меры, страница { $page } из { $pages }
    .line = { $i }. { $title } — { $about }
    .checks = Проверить: { $n }
    .transfers = Переносы: { $n }
    .all = Все меры

roadmap-home-empty = За вами сейчас нет мер. Когда вас назначат ответственным, они появятся здесь и придёт сообщение.
    .title = Дорожная карта

roadmap-about-late = срок прошёл { $date }
roadmap-about-nodate = нужна дата
roadmap-about-check = на проверке
roadmap-about-work = в работе, до { $date }
roadmap-about-ahead = до { $date }
roadmap-about-closed = закрыто
roadmap-about-quiet = ничего не нужно
roadmap-about-soft = примерно до { $date }
roadmap-about-word = пара слов за квартал

roadmap-digest = { $late ->
    [0] {""}
   *[other] Срок прошёл: { $late }.{" "}
 }{ $nodate ->
    [0] {""}
   *[other] Нужна дата: { $nodate }.{" "}
 }{ $soon ->
    [0] {""}
   *[other] Скоро срок: { $soon }.
 }

    { $lines }
    .title = Дорожная карта: что ближе всего
    .title-week = Дорожная карта: неделя с { $date }
    .all = Все меры
    .more = И ещё: { $n }. Они в разделе «Дорожная карта».

roadmap-due = { $when } Итог: { $result }. Отвечает: { $body }.
    .title = { $title }
    .when = { $n ->
    [0] Срок сегодня.
    [one] До срока { $n } день, { $date }.
    [few] До срока { $n } дня, { $date }.
   *[many] До срока { $n } дней, { $date }.
 }
    .when-soft = Точной даты в приказе нет; ориентир — { $date }.

roadmap-window = Период: с { $from } по { $to }. Итог: { $result }.
    .title = Начался период: { $title }
    .fine = Понятно

roadmap-late = Срок был { $date }. Если сделано, хватит одного файла. Если нет, можно перенести.
    .title = Срок прошёл: { $title }

roadmap-steady = Срок у меры постоянный. Напишите, что сделано за квартал, или приложите файл. Квартал кончается { $date }.
    .title = Пара слов: { $title }
    .going = Работа идёт

roadmap-raise = Срок был { $date }, ответа пока нет. Отвечает: { $person }. { $body }
    .title = Нужна ваша помощь: { $title }
    .other = Назначить другого

roadmap-nodate = В документе написано: «{ $phrase }». Точной даты там нет, а угадывать мы не будем. Известна ли она?
    .title = Нужна дата: { $title }
    .name = Указать дату
    .unknown = Пока неизвестна
    .other = Знает другой

roadmap-day = { $when }

    Итог: { $result }.
    Отвечает: { $body }.{ $said }{ $comment }
    .title = { $title }
    .late = Срок прошёл { $date }.
    .closed = Закрыто { $date }.
    .check = На проверке, подтверждений: { $n }.
    .said = Сделано: «{ $text }».
    .comment = Вернули с вопросом: «{ $text }».
    .move = Просили перенести на { $date }, решения ещё нет.
    .window = Период: с { $from } по { $to }.
    .none = не указан
    .done = Сделано
    .partly = Частично
    .transfer = Перенести
    .not-mine = Не моё
    .later = Напомнить позже
    .take = Забрать
    .add = Добавить
    .open = Открыть меру

roadmap-proof = По документу нужно: { $result }. Пришлите файл, фото, ссылку или номер и дату документа.
    .title = Чем подтвердить

roadmap-sent = Проверит другой человек, не вы. Мера закроется после проверки, об этом придёт сообщение.
    .title = Отправлено на проверку

roadmap-partly = Напишите одной-двумя фразами. Мера останется открытой, срок { $date }.
    .title = Что уже сделано?

roadmap-partly-done = Записано. Срок прежний: { $date }.
    .title = Спасибо, видно, что работа идёт

roadmap-word-done = Записано. Следующий раз спросим через квартал.
    .title = Спасибо

roadmap-move = Напишите дату и через запятую причину, например: 20 декабря, ждём протокол. До решения действует { $date }.
    .title = Новый срок

roadmap-move-sent = Просим перенести на { $to }. До решения действует { $date }.
    .title = Просьба отправлена

roadmap-not-mine = Мера перейдёт новому ответственному, координатор увидит передачу.

    { $lines }
    .title = Кто отвечает?
    .line = { $i }. { $name }

roadmap-not-mine-none = Других людей этих органов у нас нет. Напишите в центр, там назначат ответственного.
    .title = Некому передать

roadmap-passed = Теперь отвечает { $name }. Передача видна в истории меры.
    .title = Мера передана

roadmap-later = Напомним завтра утром. Срок от этого не меняется: { $date }.
    .title = Хорошо, напомним

roadmap-date = Напишите дату, например: 20 декабря или 20.12.2026. Если даты пока нет, вернитесь и нажмите «Пока неизвестна».
    .title = Какая дата?
    .event = Напишите день события, о котором сказано в сроке, например: 20 декабря. Срок посчитаем от него.

roadmap-date-named = Срок меры: { $date }. Напомним заранее.
    .title = Дата записана

roadmap-date-unknown = Спросим ещё раз { $date }.
    .title = Хорошо, подождём

roadmap-date-other = Спросим этого человека.

    { $lines }
    .title = Кто знает дату?

roadmap-date-passed = Вопрос перейдёт к другому человеку: { $name }.
    .title = Спасибо, спросим там

roadmap-checks = { $lines }
    .title = Ждут проверки: { $n }
    .line = { $i }. { $title } — { $person }, { $date }

roadmap-checks-none = Новых подтверждений нет.
    .title = Проверять нечего

roadmap-check = По документу нужно: { $result }. Срок { $date }.

    { $person } присылает: { $text }
    .title = { $title }
    .file = файл «{ $name }»
    .look = Открыть файл
    .accept = Принять
    .back = Вернуть

roadmap-check-why = Напишите одной фразой, чего не хватает. Это увидит тот, кто прислал.
    .title = С каким вопросом вернуть?

roadmap-accepted = Мера закрыта. Тому, кто прислал, придёт сообщение.
    .title = Принято
    .next = Дальше

roadmap-returned = Мера снова открыта, вопрос отправлен.
    .title = Возвращено
    .next = Дальше

roadmap-closed = { $title }. Подтверждение принято { $date }.
    .title = ✅ Мера закрыта

roadmap-back = { $title }. Проверяющий пишет: «{ $comment }»
    .title = К мере есть вопрос
    .more = Дополнить

roadmap-moved = { $title }. Новый срок: { $date }.
    .title = Срок перенесён

roadmap-not-moved = { $title }. Действует прежний срок: { $date }.
    .title = Перенос не согласован

roadmap-transfers = { $title }

    Срок { $date }, просят { $to }. Причина: «{ $reason }». Просит { $person }.
    .title = Просьба о переносе
    .agree = Перенести
    .refuse = Оставить срок

roadmap-transfers-none = Просьб о переносе нет.
    .title = Переносить нечего

error-roadmap-empty = В таблице нет ни одной меры.
error-roadmap-closed = Эта мера уже закрыта или на проверке.
error-roadmap-decided = По этому уже есть решение.
error-roadmap-answered = На этот вопрос уже ответили.
error-roadmap-own = Своё подтверждение проверяет другой человек.
error-roadmap-date = Нужна одна точная дата, например: 20 декабря.
error-roadmap-past = Эта дата уже прошла. Напишите день, который впереди.
error-roadmap-same-day = Это и есть нынешний срок. Напишите другой день.
error-roadmap-reason = Добавьте причину через запятую, например: 20 декабря, ждём протокол.
error-roadmap-needs-link = Результат — публикация: нужна ссылка или файл.
error-roadmap-needs-number = Нужен файл, ссылка или номер и дата документа.
error-roadmap-needs-value = Результат — показатель: нужно число или файл.
