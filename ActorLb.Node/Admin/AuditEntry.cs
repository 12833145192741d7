using System.Text.Json;
using System.Text.Json.Nodes;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.Admin;

/// <summary>What is known of a change while it is being made. Of one request; whoever answers it says what the request does not.</summary>
internal sealed class AuditEntry(AdminRoute route, AdminToken? caller)
{
    private Func<object?>? _look;

    public AdminRoute Route => route;

    /// <summary>Null where no token is needed.</summary>
    public AdminToken? Caller => caller;

    /// <summary>What is changed: a backend by its pool and id, a revision by its number; empty: the route says it.</summary>
    public string Target { get; private set; } = "";

    /// <summary>How it stood when it was known what is to be changed; null: it was not there, or there is nothing to say.</summary>
    public object? Before { get; private set; }

    /// <summary>How it stands.</summary>
    public object? After => _look?.Invoke();

    /// <summary>What was asked for, beside the target.</summary>
    public JsonObject What { get; } = [];

    /// <summary>In which keys the configuration is another one.</summary>
    public IReadOnlyList<ReloadDocument.Difference> Changes { get; set; } = [];

    /// <summary>The stable name of the problem that was answered; null: none was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Null where the request changes nothing.</summary>
    public static AuditEntry? Of(HttpContext context) => context.Features.Get<AuditEntry>();

    /// <param name="target">What is changed.</param>
    /// <param name="look">How it stands, now and at the end; serialised as JSON, without secrets.</param>
    public void Concerns(string target, Func<object?> look)
    {
        Target = target;
        _look = look;
        Before = look();
    }

    /// <summary>Nothing was changed: it was only looked at what would come of it.</summary>
    public bool IsTrial { get; private set; }

    /// <summary>What is done is a trial.</summary>
    public void Tries() => IsTrial = true;

    /// <summary>What was meant is known, and how it stands is not.</summary>
    public void Names(string target) => Target = target;

    /// <summary>A problem was answered.</summary>
    public void Failed(string problem) => Problem = problem;

    /// <summary>What was asked for, by the names of its members.</summary>
    public void Asked(object body)
    {
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(body, body.GetType(), AdminJson.Brief) as JsonObject ?? [])
        {
            What[name] = value?.DeepClone();
        }
    }
}
