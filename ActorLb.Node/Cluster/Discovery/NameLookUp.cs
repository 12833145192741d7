using System.Collections.Immutable;
using System.Net;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>One look-up of a name, for an actor that waits for its end to begin the next.</summary>
internal static class NameLookUp
{
    /// <returns>The addresses of both families; null where the name does not resolve, or no name server can be asked for it.</returns>
    public static Task<ImmutableArray<IPAddress>?> TryAllAsync(this INameResolver resolver, string name, CancellationToken cancellation) =>
        TryAsync(() => resolver.ResolveAllAsync(name, cancellation));

    /// <returns>The addresses of one family; null as above.</returns>
    public static Task<ImmutableArray<IPAddress>?> TryAsync(this INameResolver resolver, string name, CancellationToken cancellation) =>
        TryAsync(() => resolver.ResolveAsync(name, cancellation));

    // For instance a name that is too long. An exception that nobody takes would leave the actor waiting for ever.
    private static async Task<ImmutableArray<IPAddress>?> TryAsync(Func<Task<ImmutableArray<IPAddress>?>> lookUp)
    {
        try
        {
            return await lookUp();
        }
        catch (Exception)
        {
            return null;
        }
    }
}
