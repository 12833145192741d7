namespace ActorLb.Shared.Settings;

/// <summary>Whether clients of a listener may speak HTTP/2.</summary>
public enum ListenerHttp2
{
    Off,

    /// <summary>Over TLS, where ALPN says so.</summary>
    On,

    /// <summary>Without TLS, by prior knowledge: who begins with its preface speaks it, everybody else HTTP/1.1 (RFC 9113, 3.3).</summary>
    Cleartext,
}
