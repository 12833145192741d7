using System.Net;

namespace ActorLb.Shared.Settings;

/// <summary>The admin API of a node: where it is, and who may use it.</summary>
public sealed record AdminSettings(IPEndPoint Bind)
{
    /// <summary>Who sends none of them is refused; empty: everybody on loopback may call, and nobody else can.</summary>
    public EquatableArray<AdminToken> Tokens { get; init; } = [];

    /// <summary>The only token is none of the files': the variable that holds the command line's token gave it.</summary>
    public bool TokenIsFromEnvironment { get; init; }

    /// <summary>Where the probes alone are served as well; null: nowhere.</summary>
    public IPEndPoint? HealthBind { get; init; }

    /// <summary>Null: plain HTTP. The port of the probes has none in any case.</summary>
    public AdminTlsSettings? Tls { get; init; }

    /// <summary>Whether the dashboard's page and its log-in are served.</summary>
    public bool Dashboard { get; init; } = true;

    public AuditLogSettings AuditLog { get; init; } = AuditLogSettings.Off;
}
