# The balancer, and with "backend" as its first argument the sample server.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY ActorLb.Shared/ActorLb.Shared.csproj ActorLb.Shared/
COPY ActorLb.Engine/ActorLb.Engine.csproj ActorLb.Engine/
COPY ActorLb.Node/ActorLb.Node.csproj ActorLb.Node/
# Compiled ahead of time, a node starts with two thirds of the processor time.
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet restore ActorLb.Node --use-current-runtime -p:PublishReadyToRun=true
COPY hocon hocon
COPY ActorLb.Shared ActorLb.Shared
COPY ActorLb.Engine ActorLb.Engine
COPY ActorLb.Node ActorLb.Node
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish ActorLb.Node -c Release -o /app --no-restore --use-current-runtime --self-contained false -p:PublishReadyToRun=true

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
COPY --chmod=755 docker/entrypoint.sh /usr/local/bin/actorlb
COPY docker/actorlb.conf /etc/actorlb/actorlb.conf
RUN mkdir -m 700 /data /secrets && chown "$APP_UID" /data /secrets
USER $APP_UID
VOLUME /data
EXPOSE 8080 8090 8110
ENTRYPOINT ["actorlb"]
CMD ["run", "-c", "/etc/actorlb/actorlb.conf"]
