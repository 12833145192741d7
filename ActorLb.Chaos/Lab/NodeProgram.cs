namespace ActorLb.Chaos.Lab;

/// <summary>The program of the product, which lies beside this one: what nodes, backends and commands are started from.</summary>
internal static class NodeProgram
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "ActorLb.Node");
}
