### What the commands say

command-no-holder = Роли «{ $role }» сейчас ни у кого нет. Дайте её кодом приглашения: python -m bot invite { $role } --scope region --until 2027-08-31
command-second-process = База { $path } уже открыта другим процессом «Маршрута». Остановите его или перейдите на PostgreSQL: там процессов может быть несколько.
command-no-database = База не отвечает: { $reason }. Проверьте DATABASE_URL; подробнее скажет python -m bot doctor
command-port-taken = Адрес { $host }:{ $port } занят: { $reason }. Остановите того, кто его занял, или задайте другой WEB__PORT.

### backup, restore, migrate

backup-made = Сохранено: { $path }
    Людей: { $people }, файлов: { $files }. В архиве персональные данные: храните его так же строго, как базу.
backup-lost = Файлов, о которых база помнит, а на диске их нет или они повреждены: { $files }. Остальное в архиве.
backup-secret = Секрет подписи в архив не входит. Сохраните рядом файл secret из папки с данными или задайте WEB__SECRET: без него после восстановления не подойдут фразы для входа.
backup-not-migrated = База пуста или другой версии: сохранять нечего. Проверьте DATABASE_URL и выполните: python -m bot migrate
backup-not-written = Архив { $path } не записался: { $reason }. Прежние архивы целы.

restore-done = Восстановлено из архива от { $made }. Людей: { $people }, файлов: { $files }.
restore-other-secret = Секрет подписи здесь не тот, что был при сохранении: войти заново придётся всем, а фразы для входа не подойдут. Верните прежний WEB__SECRET (или файл secret), если он сохранился.
restore-has-people = В этой базе уже есть люди, восстановление заменит всё, что в ней есть. Сначала сохраните её (python -m bot backup), потом повторите с --force. Пока ничего не изменилось.
restore-no-file = Архив { $path } не открылся: { $reason }. Ничего не изменилось.
restore-broken = Архив повреждён: он не совпадает с тем, что был записан. Ничего не изменилось. Возьмите другой архив.
restore-other-format = Этот архив сделан не «Маршрутом» или новой его версией. Ничего не изменилось.
restore-other-revision = Архив сделан другой версией «Маршрута» (схема { $theirs }, у этой { $ours }). Ничего не изменилось. Восстановите его той же версией, потом обновите её.

migrate-done = База приведена к версии { $revision }.
migrate-same = База уже этой версии: { $revision }.
migrate-unknown = База сделана более новой версией «Маршрута» (схема { $revision }). Обновите программу.

### doctor: one message a check; its attributes are what may be found

doctor-database =
    .title = База
    .sqlite = файл { $path } открывается.
    .postgres = PostgreSQL отвечает, база «{ $name }».
    .none = файла { $path } ещё нет. Он появится при первом запуске: python -m bot run
    .address = DATABASE_URL не подходит: { $reason }. Нужно sqlite+aiosqlite:///путь/к/файлу.db или postgresql+asyncpg://пользователь:пароль@сервер/база
    .unreachable = не отвечает: { $reason }. Проверьте DATABASE_URL, имя и пароль, и что сервер базы запущен.
doctor-migrations =
    .title = Версия базы
    .current = { $revision }, новее нет.
    .empty = база пуста. При первом запуске она подготовится сама.
    .old = { $revision }, а нужна { $newest }. Сделайте копию и выполните: python -m bot migrate
    .unknown = { $revision } – её сделала более новая версия «Маршрута». Обновите программу.
doctor-clock =
    .title = Часы
    .right = { $shown } UTC.
    .apart = расходятся с часами базы на { $seconds } с. Включите сверку времени (NTP) на обеих машинах: иначе не подойдут одноразовые коды.
    .behind = отстают: последняя запись в базе сделана { $last } UTC, позже, чем «сейчас». Включите сверку времени (NTP).
    .implausible = показывают { $shown } UTC. Включите сверку времени (NTP).
doctor-policy =
    .title = Персональные данные в мессенджерах
    .none = иностранные мессенджеры не подключены.
    .unanswered = не сказано, государственное ли это учреждение. Ответьте на первой странице администрирования: от этого зависит, что можно передавать через Telegram.
    .propose = учреждение государственное: личные данные через иностранный мессенджер передавать нельзя (41-ФЗ; 149-ФЗ, ст. 10 ч. 8). Задайте TELEGRAM__POLICY=info и перезапустите программу.
    .info = через Telegram – только то, что не касается человека.
    .full = через Telegram передаётся всё; учреждение не государственное.
doctor-address =
    .title = Адрес сайта
    .good = { $url }
    .strange = { $url } – не адрес. В WEB__PUBLIC_URL нужно https://имя-сайта
    .webhook = { $url } – без https, а Telegram доставляет вебхуки только на https. Задайте WEB__PUBLIC_URL=https://… или TELEGRAM__RECEIVE=polling
    .hook-secret = в TELEGRAM__SECRET могут быть только латинские буквы, цифры, «_» и «-», не больше 256 знаков.
    .unset = { $url } – откроется только на этой машине. Задайте WEB__PUBLIC_URL=https://…
    .open = { $url } – без https: пароли и ответы идут по сети открыто. Поставьте впереди nginx с сертификатом (docs/operating.md).
doctor-secret =
    .title = Секрет подписи
    .set = задан.
    .own = создан сам и лежит рядом с базой, файл secret. Сохраните его копию отдельно.
    .unset = не задан: у каждой машины будет свой. Задайте WEB__SECRET, не короче 32 знаков, и сохраните его отдельно от архивов.
    .short = WEB__SECRET из { $length } знаков можно подобрать. Нужно не меньше { $needed }.
doctor-region =
    .title = Регион
    .good = { $pack }, часовой пояс { $zone }.
    .unchecked = { $pack }, часовой пояс { $zone }. Муниципалитеты пакета центр ещё не сверил с законом региона: data/regions/{ $pack }/municipalities.yaml, checked_on.
    .no-pack = папки data/regions/{ $pack } нет или в ней нет region.yaml. Проверьте REGION__PACK.
    .no-zone = часового пояса «{ $zone }» нет. REGION__TIMEZONE пишут так: Europe/Moscow
doctor-files =
    .title = Файлы
    .good = папка { $path }, свободно { $gigabytes } ГБ.
    .little = в папке { $path } осталось мало места: { $gigabytes } ГБ.
    .full = в папке { $path } кончилось место: { $gigabytes } ГБ. Присланные файлы и записи в базу скоро перестанут сохраняться.
    .refused = в папку { $path } не получается писать: { $reason }. Проверьте FILES__DIR и права.
doctor-backups =
    .title = Резервные копии
    .fresh = последняя от { $made }, в { $path }.
    .old = последняя от { $made }, прошло дней: { $days }. Сделайте новую: python -m bot backup
    .none = в { $path } нет ни одной. Сделайте: python -m bot backup – и поставьте в расписание (docs/operating.md).
    .demonstration = это демонстрация, копии не нужны.
doctor-web =
    .title = Веб-чат
    .good = { $url } отвечает.
    .silent = { $url } сейчас не отвечает. Если система запущена, проверьте WEB__PUBLIC_URL и nginx; если нет: python -m bot run
    .strange = { $url }/healthz отвечает { $status } вместо «ok». По этому адресу другая программа, или база не отвечает.
doctor-telegram =
    .title = Telegram
    .off = выключен: TELEGRAM__TOKEN не задан.
    .good = { $name } отвечает, токен подходит.
    .malformed = TELEGRAM__TOKEN не похож на токен. Скопируйте его из @BotFather целиком: 123456789:AA…
    .refused = сервер отвечает, но токен не принят. Возьмите новый у @BotFather и задайте TELEGRAM__TOKEN.
    .busy = просит подождать { $seconds } с: слишком много запросов с этим токеном.
    .unreachable = до { $address } не достучаться. Токен не проверен. Нужен прокси (TELEGRAM__PROXY) или свой адрес (TELEGRAM__API_BASE); остальное работает и без Telegram.
    .strange = { $address } отвечает не как сервер Telegram ({ $error }). Проверьте TELEGRAM__API_BASE и TELEGRAM__PROXY.
    .proxy = TELEGRAM__PROXY не подходит: { $reason }
doctor-vk =
    .title = VK
    .off = выключен.
    .good = сообщество { $number } отвечает, ключ подходит.
    .no-group = ключ задан, а номер сообщества нет. Задайте VK__GROUP_ID: цифры из адреса vk.com/club…
    .refused = сервер отвечает, но ключ не принят. Создайте новый: «Управление» → «Работа с API» → «Ключи доступа», и задайте VK__TOKEN.
    .closed = ключ принят, но события сообщество не отдаёт ({ $reason }). Проверьте VK__GROUP_ID; для опроса включите Long Poll API («Управление» → «Работа с API»), для VK__RECEIVE=webhook дайте ключу право «управление сообществом».
    .secret = VK__SECRET длиннее 50 знаков, VK столько не примет.
    .no-address = VK__RECEIVE=webhook нужен адрес, который видно из интернета: задайте WEB__PUBLIC_URL=https://… или VK__RECEIVE=polling
    .delivered = сообщество { $number } отвечает, ключ подходит, события приходят на { $url }.
    .by-hand = сообщество { $number } отвечает, ключ подходит; доставка событий настроена вручную, сервер { $url } проверьте в «Работе с API».
    .not-delivered = ключ подходит, но сервера { $url } у сообщества { $number } пока нет. Он появится при запуске: python -m bot run
    .failed = ключ подходит, но VK не достучался до { $url } и перестал доставлять события. Проверьте, открыт ли адрес из интернета; при запуске сервер подключится заново.
    .busy = просит подождать { $seconds } с: слишком много запросов с этим ключом.
    .unreachable = до { $address } не достучаться. Ключ не проверен; остальное работает и без VK.
    .strange = { $address } отвечает не как сервер VK ({ $error }). Проверьте VK__API_BASE.
doctor-max =
    .title = MAX
    .off = выключен.
    .good = { $name } отвечает, токен подходит, события приходят сами.
    .polling = { $name } отвечает, токен подходит; события забираются опросом. MAX обещает его только для проверки: для работы задайте MAX__RECEIVE=webhook.
    .delivered-elsewhere = { $name } отвечает, токен подходит, но события MAX доставляет на { $url }. При запуске с MAX__RECEIVE=polling эта доставка будет снята.
    .not-subscribed = { $name } отвечает, токен подходит, но доставки событий на { $url } пока нет. Она появится при запуске: python -m bot run
    .webhook = { $url } не подходит для доставки событий: MAX нужен https на обычном порту. Задайте WEB__PUBLIC_URL=https://… или MAX__RECEIVE=polling
    .secret = в MAX__SECRET могут быть только латинские буквы, цифры, «_» и «-», от 5 до 256 знаков.
    .ca-file = сертификат { $path } не читается: { $reason }. Проверьте MAX__CA_FILE: нужен файл PEM.
    .certificate = { $address } отвечает с сертификатом, которому эта машина не доверяет. Скачайте корневой сертификат Минцифры и задайте MAX__CA_FILE (docs/messengers.md).
    .refused = сервер отвечает, но токен не принят. Возьмите новый: business.max.ru → «Чат-боты» → «Настройки», и задайте MAX__TOKEN.
    .busy = просит подождать { $seconds } с: слишком много запросов с этим токеном.
    .unreachable = до { $address } не достучаться. Токен не проверен; остальное работает и без MAX.
    .strange = { $address } отвечает не как сервер MAX ({ $error }). Проверьте MAX__API_BASE.
