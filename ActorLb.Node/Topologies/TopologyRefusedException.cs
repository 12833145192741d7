namespace ActorLb.Node.Topologies;

/// <summary>This node cannot run what it was to go over to; what was before is in force. The message names the key.</summary>
internal sealed class TopologyRefusedException(string problem, Exception cause) : Exception(problem, cause);
