### The command menu of a messenger; what a channel without personal data shows (conversation.md §3.18)

commands =
    .start = Начать сначала
    .menu = Главное меню
    .help = Чем помочь
    .cancel = Отменить ввод
    .mydata = Мои данные

info-start =
    Здесь открыты календарь, готовые ответы и пробная диагностика. Личное — профиль, ИОМ, вопросы методисту — открывается в { $others }веб-чате: этого закон требует от государственных учреждений.
    .title = «Маршрут» в { $channel }
    .max = Открыть MAX
    .vk = Открыть ВК
    .telegram = Открыть Telegram
    .web = Открыть веб-чат

info-wall = «{ $section }» связано с вашими данными, а их в { $channel } мы не передаём. Ссылка откроет именно этот раздел.
    .title = Это лучше открыть в другом месте
    .this = Этот раздел

info-text = Сообщение не сохранено и никому не передано. Вот готовые ответы; свой вопрос можно задать в { $others }веб-чате.
    .title = Отсюда вопросы не отправляются

info-names =
    .telegram = Telegram
    .vk = ВК
    .max = MAX
    .and = и

unread-line = Это сообщение могло не дойти раньше:
