using ActorLb.Shared.Settings;

namespace ActorLb.Node.Dashboard;

/// <summary>Somebody who logged in at the dashboard of a node of this cluster, as a cookie that one of them made says.</summary>
/// <param name="Id">16 random bytes, in hexadecimal.</param>
/// <param name="Token">That he logged in with.</param>
/// <param name="Used">When he was last heard of, up to a minute.</param>
internal sealed record DashboardSession(string Id, AdminToken Token, DateTimeOffset Begun, DateTimeOffset Used)
{
    /// <summary>When it ends in any case.</summary>
    public DateTimeOffset Ends => Begun + DashboardSessions.Longest;
}
