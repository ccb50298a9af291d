### What the commands say

command-no-holder = Роли «{ $role }» сейчас ни у кого нет. Дайте её кодом приглашения: python -m bot invite { $role } --scope region --until 2027-08-31
command-second-process = База { $path } уже открыта другим процессом «Маршрута». Остановите его или перейдите на PostgreSQL: там процессов может быть несколько.
command-port-taken = Адрес { $host }:{ $port } занят: { $reason }. Остановите того, кто его занял, или задайте другой WEB__PORT.
