namespace ActorLb.Engine.Certificates;

/// <summary>A certificate that a listener shows now.</summary>
/// <param name="Key">Of the configuration, below actorlb.</param>
/// <param name="Loaded">What was in its files, as hashes.</param>
/// <param name="Description">For people.</param>
public sealed record CertificateInUse(string Key, string Loaded, string Description, DateTimeOffset Expires);
