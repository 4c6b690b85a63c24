# The gateway with its simulator, to try clients against where there is no Mac:
#
#   docker build -t codexpc-gateway .
#   docker run --rm --publish 127.0.0.1:8642:8642 --env CODEXPC_GATEWAY_API_KEYS=any-key codexpc-gateway
#
# A container is reached from outside itself, so the gateway demands keys. The daemon runs on macOS alone and can't be
# used from here.
FROM node:20-bookworm-slim AS build

RUN apt-get update \
  && apt-get install --yes --no-install-recommends build-essential \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /gateway
COPY . .
# The first installs and builds all of it, the second leaves what running needs.
RUN npm start -- --version && npm prune --omit=dev

FROM node:20-bookworm-slim

ENV NODE_ENV=production \
  CODEXPC_GATEWAY_BACKEND_TYPE=simulator \
  CODEXPC_GATEWAY_HOST=0.0.0.0 \
  CODEXPC_GATEWAY_PORT=8642
WORKDIR /gateway
COPY --from=build /gateway/package.json ./
COPY --from=build /gateway/node_modules ./node_modules
COPY --from=build /gateway/dist ./dist
COPY --from=build /gateway/native-shim/build/libcodexpc_shim_standin.so ./native-shim/build/
USER node
EXPOSE 8642
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CODEXPC_GATEWAY_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js", "serve"]
