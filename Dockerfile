# The image of a server: web, worker, beat and the one-off migration are the same image with another command.
# The target `simulator` adds what stands in for FUT and NemSMS in a trial.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements/server.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements/server.txt
COPY . .
COPY --from=packages /app/node_modules node_modules
# Lays out the front-end assets, compiles the translations and gathers the static files; needs no secret.
RUN /venv/bin/python -m kommunalpro.embedded.assets && rm -rf node_modules

FROM build AS build-simulator
RUN /venv/bin/pip install --require-hashes -r requirements/embedded.txt

FROM python:3.13-slim AS base
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin kommunalpro
WORKDIR /app
COPY --from=build /app /app
USER kommunalpro

FROM base AS simulator
COPY --from=build-simulator /venv /venv
EXPOSE 8002
CMD ["python", "-m", "fut.simulator"]

FROM base AS server
COPY --from=build /venv /venv
EXPOSE 8000
# How many workers: WEB_CONCURRENCY, read by gunicorn itself.
CMD ["gunicorn", "kommunalpro.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
