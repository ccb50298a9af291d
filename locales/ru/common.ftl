### Shared labels, dates and failures. Screens: the value is the body, .title the bold first line.

button-menu = Меню
button-back = Назад
button-cancel = Отмена
button-next = Дальше
button-earlier = Раньше
button-more = Ещё
button-keep = Оставить
button-undo = Вернуть
button-acquaint = Познакомиться
button-not-now = Не сейчас

date-today = сегодня
date-tomorrow = завтра
date-yesterday = вчера
date-day = { $weekday }, { $day } { $month }
date-with-year = { $day } { $year } г.
date-moment = { $day } в { $time }
date-weekday-1 = пн
date-weekday-2 = вт
date-weekday-3 = ср
date-weekday-4 = чт
date-weekday-5 = пт
date-weekday-6 = сб
date-weekday-7 = вс
date-month-1 = января
date-month-2 = февраля
date-month-3 = марта
date-month-4 = апреля
date-month-5 = мая
date-month-6 = июня
date-month-7 = июля
date-month-8 = августа
date-month-9 = сентября
date-month-10 = октября
date-month-11 = ноября
date-month-12 = декабря

error-stale = Кнопка из старого сообщения. С тех пор кое-что изменилось, вот как сейчас:
error-needs-text = Здесь нужен текст. Напишите пару слов.
error-needs-profile = Чтобы открыть раздел, познакомимся: это около двух минут.
error-no-access = Этот раздел открыт другой роли. Если он нужен вам по работе, напишите в центр.
error-not-found = Здесь уже ничего нет: похоже, запись убрали. Вернитесь в меню, оттуда всё открывается.
error-ours = У нас заминка. Написанное сохранено, попробуйте ещё раз через минуту. Если повторится, скажите методисту: { $number }
error-too-many = Все сообщения дошли, отвечу одним. Подождите, пожалуйста, минуту.
error-file-big = Файл больше { $size } МБ, принять его не получилось. Пришлите ссылку на него или уменьшенную копию.
