# The image of nats-server, for where the official one cannot be pulled: nothing but the program.
#
# APP=collected takes a program that was built outside: the context is then a folder with `nats-server` in it.

ARG GO_IMAGE=golang:1.26-bookworm
ARG APP=built

FROM ${GO_IMAGE} AS built
ARG VERSION=2.14.5
RUN --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export SSL_CERT_FILE=/run/secrets/ca; fi; \
    CGO_ENABLED=0 GOBIN=/collected go install -trimpath -ldflags='-s -w' github.com/nats-io/nats-server/v2@v${VERSION} \
    && mkdir /collected/data

FROM scratch AS collected
COPY . /collected

FROM ${APP} AS chosen

FROM scratch
ARG VERSION=2.14.5
LABEL org.opencontainers.image.title="nats-server" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=chosen --chown=0:0 /collected/nats-server /nats-server
COPY --from=chosen --chown=10001:10001 /collected/data /var/lib/nats
USER 10001:10001
EXPOSE 4222 6222 8222
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nats-server"]
