using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.health.</summary>
internal static class HealthReader
{
    private const int ProbesMax = 1000;
    private const int ObserversMax = 100;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static HealthSettings Read(ConfigurationCursor health)
    {
        ImmutableArray<StatusRange> none = [];
        var read = new HealthSettings(
            health["probe"].Choice(("http", ProbeKind.Http), ("tcp", ProbeKind.Tcp), ("grpc", ProbeKind.Grpc)),
            health["path"].UrlPath(),
            health["expect"].As(StatusRanges.Read, StatusRanges.Expected, none),
            health["body-contains"].Text("a text, empty to ask nothing of the body") ?? "",
            health["host"].As(ReadHost, "a Host header such as \"www.example.net\", or \"\" for the backend's address", ""),
            health["interval"].Duration(Shortest, Longest),
            health["fast-interval"].Duration(Shortest, Longest),
            health["timeout"].Duration(TimeSpan.FromMilliseconds(1), Longest),
            health["rise"].Integer(1, ProbesMax),
            health["fall"].Integer(1, ProbesMax),
            health["observers"].Integer(1, ObserversMax),
            ReadPassive(health["passive"]))
        {
            Headers = ProbeFieldReader.Read(health["headers"]),
            Port = health["port"].Integer(0, IPEndPoint.MaxPort),
            GrpcService = health["grpc-service"].Text("a service's name such as \"shop.Orders\", or \"\" for the server as a whole") ?? "",
        };

        if (read.Timeout > read.Interval)
        {
            ConfigurationCursor.ToBlame(health["timeout"], health["interval"])?.Warn(
                "a probe may take longer than the interval, so sick backends are noticed later",
                "make timeout no longer than interval");
        }

        if (read.FastInterval > read.Interval)
        {
            ConfigurationCursor.ToBlame(health["fast-interval"], health["interval"])?.Warn(
                $"fast-interval ({Durations.Write(read.FastInterval)}) is longer than interval ({Durations.Write(read.Interval)})",
                "make fast-interval shorter, or as long");
        }

        if (read.Probe != ProbeKind.Http && read.BodyContains.Length > 0)
        {
            ConfigurationCursor.ToBlame(health["body-contains"], health["probe"])?.Warn($"a {Word(read.Probe)} probe sees no body", "set probe = http");
        }

        if (read.Probe != ProbeKind.Grpc && read.GrpcService.Length > 0)
        {
            ConfigurationCursor.ToBlame(health["grpc-service"], health["probe"])?.Warn($"a {Word(read.Probe)} probe asks for no service", "set probe = grpc");
        }

        if (read.Probe == ProbeKind.Tcp && !read.Headers.IsEmpty)
        {
            ConfigurationCursor.ToBlame(health["headers"], health["probe"])?.Warn("a tcp probe sends no fields", "set probe = http");
        }

        return read;
    }

    private static string Word(ProbeKind probe) => probe switch
    {
        ProbeKind.Tcp => "tcp",
        ProbeKind.Grpc => "gRPC",
        _ => "http",
    };

    private static PassiveSettings ReadPassive(ConfigurationCursor passive) => new(
        passive["failures"].Integer(1, 1_000_000),
        passive["window"].Duration(Shortest, Longest),
        [
            .. passive["statuses"].ItemsOrWords().Select(
                s => s.As<StatusRange>(StatusRanges.Read, StatusRanges.Expected, default)),
        ])
    {
        MaxEjectedPercent = passive["max-ejected"].Percent(0, 100),
        EjectionTime = passive["ejection-time"].Duration(TimeSpan.Zero, Longest),
    };

    private static string? ReadHost(string text, out string host)
    {
        host = text;
        return text.Length == 0 || Endpoints.IsHost(text) || Endpoints.Read(text, 1, out HostPort _) is null
            ? null
            : $"'{text}' is no host";
    }
}
