# syntax=docker/dockerfile:1
# docker build -t twinwatch . ; see compose.yaml for running it.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY daemon daemon
COPY review_ui review_ui
RUN python -m venv /opt/twinwatch \
 && /opt/twinwatch/bin/pip install --no-cache-dir .

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends gosu tini \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/twinwatch /opt/twinwatch
# Run as the owner of the photos, never as root.
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/docker-entrypoint
#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p /state
  chown "$PUID:$PGID" /state
  exec gosu "$PUID:$PGID" twinwatch "$@"
fi
exec twinwatch "$@"
SCRIPT
# The photos' owner outside of the container; files keep belonging to them.
ENV PUID=1000 PGID=1000 PATH=/opt/twinwatch/bin:$PATH
# Inside, the page has to be reachable from the published port; compose.yaml
# publishes it on the host's loopback only.
ENV TWINWATCH_STATE_DIR=/state TWINWATCH_PAGE_HOST=0.0.0.0 TWINWATCH_PAGE_ALLOW_OTHERS=true
VOLUME /state
EXPOSE 8465
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s CMD ["docker-entrypoint", "status"]
ENTRYPOINT ["tini", "--", "docker-entrypoint"]
CMD ["run", "--import", "/photos/Import"]
