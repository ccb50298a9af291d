# One image for everything: run, backup, doctor and the other commands of `python -m bot`.
FROM python:3.11-slim

ENV PYTHONUTF8=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app

COPY requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock

COPY alembic.ini ./
COPY admin admin
COPY bot bot
COPY data data
COPY locales locales
COPY migrations migrations

# The program cannot change itself; what it stores is in /data.
RUN useradd --uid 1000 --create-home marshrut \
    && python -m compileall -q bot admin \
    && mkdir -p /data/files /data/backups \
    && chown -R marshrut:marshrut /data

ENV FILES__DIR=/data/files \
    BACKUP__DIR=/data/backups \
    DATABASE_URL=sqlite+aiosqlite:////data/marshrut.db \
    WEB__HOST=0.0.0.0 \
    WEB__PORT=8080

USER marshrut
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"WEB__PORT\"]}/healthz', timeout=4)"]

ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
