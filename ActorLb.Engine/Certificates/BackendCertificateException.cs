using System.Security.Authentication;

namespace ActorLb.Engine.Certificates;

/// <summary>A backend's certificate was refused. The message is for the operator alone: it says why, with names out of the certificate.</summary>
public sealed class BackendCertificateException(string reason) : AuthenticationException($"certificate refused: {reason}");
