using System.Text.Json;
using ActorLb.Chaos.History;
using ActorLb.Chaos.Targets;

namespace ActorLb.Chaos.Browsers;

/// <summary>What an answer says of its request: whose session, from which server, and whether it is the request's own.</summary>
internal sealed class AnswerReader(IChaosTarget target)
{
    /// <summary>Of an answer's head.</summary>
    /// <param name="sent">What the request carried.</param>
    public Attempt ReadHead(Attempt attempt, int status, AnswerFields fields, SessionJar jar, Presented sent) => fields.Value("X-Request-Id") is null
        ? attempt with { End = AttemptEnd.Refused, Reason = "another host has the balancer's address now" }
        : attempt with
        {
            Status = status,
            Reason = string.Join(' ', fields.Values("X-ActorLb-Reason")) is { Length: > 0 } reason ? string.Intern(reason) : null,
            SessionGiven = jar.Take(fields, sent),
            Leak = fields.Showing(target.Backends.SelectMany(b => (IEnumerable<string>)[b.Name, b.Address.Authority])),
        };

    /// <summary>Of JSON of the sample backend.</summary>
    public static Attempt ReadServer(Attempt attempt, ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return attempt with
            {
                Backend = string.Intern(document.RootElement.GetProperty("server").GetString() ?? ""),
                IsStranger = document.RootElement.TryGetProperty("knownHere", out JsonElement isKnown) && isKnown.ValueKind == JsonValueKind.False,
                Foreign = document.RootElement.GetProperty("requestId").GetString() != attempt.Id,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            return attempt with { End = AttemptEnd.Broken, Reason = $"not the answer of the sample backend: {e.Message}" };
        }
    }
}
