namespace ActorLb.Shared.Settings;

/// <summary>With which header of the PROXY protocol a connection to a backend begins.</summary>
public enum ProxyHeaderVersion
{
    Off,
    V1,
    V2,
}
