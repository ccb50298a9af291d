### «Профессионалы в действии»: разбор с методистом по свободным окнам.

tutorials-state =
    .free = свободно
    .booked = записаны
    .held = состоялся
    .missed = не состоялся
    .cancelled = отменён

tutorials-taken = Это время уже заняли. Выберите другое.
tutorials-enough = У вас уже { $n ->
    [one] { $n } запись
    [few] { $n } записи
   *[other] { $n } записей
} на разбор. После них запишетесь ещё.
tutorials-clash = В это время у вас уже разбор. Выберите другое.
tutorials-wrong-window = Напишите день и время, например: 28.11 15:00–17:00.
tutorials-nothing-new = Новых окон не вышло: время прошло или окна уже открыты.
tutorials-late = Это окно уже началось, закрыть его нельзя.
tutorials-not-yet = Отметить разбор можно после его начала.

tutorials-home = { $lines }
    .title = Разбор с методистом
    .button = Записаться на разбор
    .line = { $i }. { $date }, { $time }, { $methodist }
    .mine = ✓ Вы записаны: { $date }, { $time }, { $methodist }
    .none = Свободного времени пока нет. Методисты открывают его каждую неделю.
    .others = Другое время
tutorials-booked = { $date }, { $time }, { $methodist }. { $place }. Напомню накануне и за час.
    .title = ✅ Вы записаны на разбор
    .place = Место или ссылку методист пришлёт
    .cancel = Отменить разбор
    .toast = Вы записаны
tutorials-given-up = Время снова свободно для коллеги.
    .title = Запись на разбор отменена
tutorials-day = { $date } в { $time }, { $methodist }. { $place }. Возьмите урок или вопрос, который хочется обсудить.
    .title = 📅 Скоро разбор с методистом
tutorials-hour = Начало в { $time } ({ $date }), { $methodist }. { $place }.
    .title = 📅 Через час разбор
tutorials-gone = { $date }, { $time }, { $methodist }. Методист не сможет в это время, выберите другое.
    .title = Разбор отменили
tutorials-freed = { $date }, { $time }, { $methodist }. Запись снял центр: это время понадобилось для другого. Выберите, пожалуйста, другое.
    .title = Разбор отменили
tutorials-office = { $date }, { $time }. { $person }.
    .title = Центр закрыл ваше окно
tutorials-to-methodist = { $date }, { $time }: { $methodist }. { $place }.
    .title = 📅 К вам записались на разбор
tutorials-left = { $date }, { $time }: { $person }. Запись снята, окно снова свободно.
    .title = Разбор не состоится
tutorials-own = { $lines }
    .title = Мои окна для разборов
    .button = Мои окна
    .taken = { $i }. { $date }, { $time } — { $methodist }
    .free = { $i }. { $date }, { $time } — свободно
    .none = Открытых окон нет. Напишите день и часы, разделю их по полчаса.
    .add = Открыть окна
    .open = Открыть
tutorials-window = Напишите день и часы одним сообщением, например: 28.11 15:00–17:00. Разделю по полчаса.
    .title = Когда вам удобно?
tutorials-opened = Открыто окон: { $n }. Педагоги уже видят их.
    .title = ✅ Окна открыты
tutorials-slot = { $date }, { $time }. { $person }.
    .title = Окно для разбора
    .nobody = Пока свободно
    .held = Разбор состоялся
    .missed = Не состоялся
    .close = Закрыть окно
tutorials-held = Разбор учтён, шаг маршрута закроется сам.
    .title = ✅ Разбор состоялся
tutorials-missed = Записал. Педагог может выбрать другое время.
    .title = Разбор не состоялся
tutorials-closed = Если на это время записывались, человек узнает и выберет другое.
    .title = Окно закрыто

admin-tutorials =
    .title = Разборы с методистом
    .lead = «Профессионалы в действии»: окна методистов и кто записан. Окна методист открывает в чате: «Программы» → «Разбор» → «Мои окна».
    .ahead = Впереди
    .past = Прошли
    .time = Время
    .when = Начало
    .state = Состояние
    .methodist = Методист
    .person = Педагог
    .act = Действие
    .release = Снять запись
    .cancel = Закрыть окно
    .none = Окон нет
    .none-why = Выберите другое время или состояние. Новые окна методисты открывают в чате.
