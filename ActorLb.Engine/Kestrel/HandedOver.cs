namespace ActorLb.Engine.Kestrel;

/// <summary>Goes with a connection that the other lane has accepted, and admitted.</summary>
/// <param name="Received">What has come of its next request.</param>
internal sealed record HandedOver(byte[] Received);
