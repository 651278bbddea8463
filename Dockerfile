# The relay in a container: docs/deployment.md. Builds from this folder alone; Debian 12 all through.
#
#   docker build -t mls-gateway .
#   docker run -p 8080:8080 -v relay-data:/var/lib/mls-gateway mls-gateway

FROM debian:bookworm AS build
# script/bootstrap takes npm if it is there: for the dashboard, and for Firestore's protocol.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates nodejs npm \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# What is installed and fetched is a layer of its own, which a change of the source leaves as it is.
COPY script/bootstrap script/
COPY protos protos
COPY web web
# Bootstrap leaves out what it cannot fetch; an image is to have all of it.
RUN script/bootstrap build \
  && test -d protos/node_modules/@google-cloud/firestore \
  && test -f web/dist/index.html
COPY . .
RUN cmake --preset release -DGATEWAY_TESTS=OFF -DGATEWAY_BENCH=OFF \
  && cmake --build --preset release --target mls-gateway \
  && strip build/release/mls-gateway

FROM debian:bookworm-slim
# The libraries that the binary names; tests/road/container.test.js holds this list against it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates \
    libabsl20220623 \
    libfmt9 \
    libgrpc++1.51 \
    libgrpc29 \
    liblmdb0 \
    libpq5 \
    libprometheus-cpp-core1.0 \
    libprotobuf32 \
    libsecp256k1-1 \
    libsimdjson14 \
    libspdlog1.10 \
    libssl3 \
    libstdc++6 \
    libtomlplusplus3 \
    libzstd1 \
    zlib1g \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin relay \
  && install -d -o relay -g relay -m 0700 /var/lib/mls-gateway
WORKDIR /srv/mls-gateway
COPY config config
COPY --from=build /src/build/release/mls-gateway /usr/local/bin/mls-gateway
# gRPC brings certificates of its own otherwise, or none.
ENV MLS_GATEWAY_SERVER_HOST=0.0.0.0 \
    MLS_GATEWAY_DATA_PATH=/var/lib/mls-gateway \
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s CMD ["mls-gateway", "healthcheck"]
ENTRYPOINT ["mls-gateway"]
# config/mls-gateway.toml, and whatever the environment says otherwise: PORT, MLS_GATEWAY_….
CMD ["relay"]
