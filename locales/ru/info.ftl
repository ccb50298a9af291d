### The command menu of a messenger; what a channel without personal data shows (conversation.md §3.18)

commands =
    .start = Начать сначала
    .menu = Главное меню
    .help = Чем помочь
    .cancel = Отменить ввод
    .mydata = Мои данные
