namespace ActorLb.Shared.Settings;

/// <summary>What is asked of clients in a handshake.</summary>
public enum ClientCertificateUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A certificate, and one that is shown must be good.</summary>
    Optional,

    /// <summary>A good certificate.</summary>
    Required,
}
