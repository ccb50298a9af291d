### Packs of data, imports of tables, the demonstration

data-file-absent = Нет файла { $file }. Верните его из поставки или впишите свой по образцу data/regions/README.md.
data-file-encoding = Файл { $file } сохранён не в UTF-8. Откройте его и сохраните в кодировке UTF-8.
data-file-broken = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: здесь нарушена запись YAML. Проверьте отступы, двоеточия и кавычки рядом с этой строкой.
data-file-missing = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: нет поля «{ $field }». Допишите его.
data-file-wrong = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: поле «{ $field }» не подходит: «{ $value }». Исправьте значение по образцу data/regions/README.md.
data-file-not-one-of = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: в поле «{ $field }» стоит «{ $value }». Можно только: { $allowed }.
data-file-twice = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: «{ $value }» в поле «{ $field }» уже было в строке { NUMBER($first, useGrouping: 0) }. Дайте строке другое значение или уберите повтор.
data-file-key-twice = Файл { $file }, строка { NUMBER($line, useGrouping: 0) }: поле «{ $field }» записано дважды. Оставьте одно.

pack-unknown = Пакета «{ $name }» нет. Есть: { $known }. Исправьте REGION__PACK или добавьте папку в data/regions.
pack-consent-changed = Файл { $file }: текст согласия «{ $kind }», версия { $version }, отличается от опубликованного. Верните прежний текст или увеличьте version.

import-empty = В файле нет строк. Проверьте, что данные стоят на первом листе под строкой заголовков.
import-too-big = Файл слишком большой. Нужен файл до { $limit } МБ: уберите картинки и лишние листы или разделите на части.
import-too-many = Больше { $limit } строк за один раз не принимаем. Разделите файл на части.
import-wrong-file = Этот файл не похож на таблицу. Нужен XLSX или CSV.
import-old-excel = Это старый формат XLS. Откройте файл и сохраните как «Книга Excel (.xlsx)».
import-broken-file = Файл не открывается: он повреждён или сохранён не до конца. Откройте его в таблицах и сохраните ещё раз как XLSX.
import-macros = В файле есть макросы, такие файлы не принимаем. Сохраните его как обычный XLSX, без макросов.
import-merged = В строке заголовков ({ NUMBER($row, useGrouping: 0) }) есть объединённые ячейки. Отмените объединение: у каждого столбца должен быть свой заголовок.
import-no-header = Не нашлась строка заголовков. Нужны столбцы: { $expected }. Возьмите образец файла.
import-columns = Не хватает столбцов: { $missing }. Всего бывают: { $expected }. Возьмите образец файла.
import-column-twice = Столбец «{ $column }» стоит дважды. Оставьте один.
import-formula = В ячейке формула. Скопируйте столбец и вставьте его «как значения».
import-long = Слишком длинный текст. Нужно до 1000 знаков.
import-text-long = Слишком длинный текст. Нужно до { $limit } знаков.

import-no-file = Файл «{ $name }» не открылся. Проверьте путь и права на чтение.
import-needed = Пусто, а без этого строку не загрузить.
import-name-short = Нужны фамилия и имя полностью.
import-name-wrong = Не похоже на имя. Пишите полностью, буквами: Ветрова Анна Ильинична.
import-code-long = Слишком длинный код. Нужно до { $limit } знаков.
import-municipality-unknown = Нет муниципалитета «{ $value }». Напишите, как в списке муниципалитетов.
import-organisation-unknown = Нет организации «{ $value }». Сначала загрузите организации или укажите её код.
import-organisation-many = Организаций «{ $value }» несколько: { $count }. Укажите муниципалитет или код организации.
import-subject-unknown = Нет предмета «{ $value }». Напишите, как в списке предметов; несколько — через запятую.
import-year-wrong = Год «{ $value }» не подходит. Нужно, например, 1984 или 12.05.1984.
import-day-wrong = Дата «{ $value }» не подходит. Нужно, например, 01.09.2015.
import-time-wrong = Время «{ $value }» не подходит. Нужно, например, 15:00.
import-word-unknown = Непонятно: «{ $value }». Возможные слова есть в образце файла.
import-code-twice = Такой код уже стоит в строке { NUMBER($first, useGrouping: 0) }. Код у каждого свой.
import-row-twice = Повтор строки { NUMBER($first, useGrouping: 0) }.
import-doubt = { $count ->
    [one] Уже есть { $count } запись с таким именем. Решите: это тот же человек или новый.
    [few] Уже есть { $count } записи с таким именем. Решите: это тот же человек или новый.
   *[other] Уже есть { $count } записей с таким именем. Решите: это тот же человек или новый.
}
import-foreign = Эта организация вне вашей области. Строку загрузит сотрудник центра.

import-report =
    .people = Люди из таблицы
    .organisations = Организации из таблицы
    .new = Новых: { $count }
    .same = Уже есть: { $count }
    .updated = Обновлено: { $count }
    .unchanged = Без изменений: { $count }
    .doubt = Решает человек: { $count }
    .wrong = С замечаниями: { $count }
    .skipped = Пропущено: { $count }
    .foreign = Вне области: { $count }
    .unused = Столбцы, которые не используем: { $columns }
    .row = Строка { $row }: { $problem }
    .row-column = Строка { $row }, «{ $column }»: { $problem }
    .dry-run = Это проверка: ничего не записано.

demo-not-empty = В этой базе уже есть люди, и она не помечена как демонстрация. Демонстрация наполняет только пустую базу: укажите другой DATABASE_URL.
demo-too-few = Для демонстрации нужно не меньше { $least } человек.
demo-no-schools = В пакете «{ $name }» нет школ. Демонстрации нужна хотя бы одна: добавьте organisations.yaml.
demo-message =
    Это демонстрация: люди и события придуманы. Самодиагностику можно пройти ещё раз и сравнить.
    .title = Приглашение на самодиагностику
    .open = Открыть диагностику

external-source = Выберите, откуда результаты.
external-future = { $value } ещё не наступило. Результаты с будущей датой не берём, проверьте столбец.
external-pct = «{ $value }» не похоже на процент от 0 до 100.
external-points = Нужны баллы и максимум, и баллы не больше максимума: «{ $value }».
external-group = Группы «{ $value }» нет в справочнике компетенций.
external-decided = По этой строке уже решили. Обновите страницу.
external-not-a-candidate = Этого человека среди похожих нет. Обновите страницу и выберите ещё раз.
