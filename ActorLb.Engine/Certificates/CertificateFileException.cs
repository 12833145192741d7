namespace ActorLb.Engine.Certificates;

/// <summary>Which of the values that name a certificate is wrong.</summary>
public enum CertificatePart
{
    Certificate,
    Key,
    Password,
}

/// <summary>A certificate cannot be used. The message names the file and says why.</summary>
public sealed class CertificateFileException(CertificatePart part, string problem) : Exception(problem)
{
    public CertificatePart Part { get; } = part;
}
