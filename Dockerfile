# One image for the web server, the worker and the one-shot commands; compose.yaml says which is which.
# Settings come from the environment alone (docs/settings.md); nothing secret is built in.

FROM python:3.13.15-slim-trixie AS base
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS build
RUN python -m venv /venv
# Before the source, so that a changed template does not bring a new installation. Wheels alone: a source
# distribution would run its own code here, and want a compiler.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# A key is required to start at all; this one signs nothing and is gone when the line ends. The modes of a
# checkout made under a strict umask would hide the files from the user below.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && chmod -R a+rX .

FROM base
# A number of its own, so that an orchestrator can tell that it is not root. It owns no file it runs.
RUN groupadd --gid 10001 callout \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin callout
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
# Every address, which is the container's alone; compose.yaml says who reaches it.
CMD ["python", "-m", "config.serve", "--bind", "0.0.0.0:8000"]
