using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>Looks up the addresses of a host name.</summary>
public interface INameResolver
{
    /// <returns>In an order that is the same for the same addresses; null where the name does not resolve, now or ever.</returns>
    Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation);

    /// <summary>The same with the addresses of both families, as the system gives them: those of the family that it prefers first.</summary>
    Task<ImmutableArray<IPAddress>?> ResolveAllAsync(string name, CancellationToken cancellation) => ResolveAsync(name, cancellation);
}

/// <summary>
/// As the operating system resolves: its hosts file, its name servers, its caches. A name with addresses of both families
/// leads to each machine twice: the ones of IPv4 are taken then. Who asks waits as long as it likes, and asks again.
/// </summary>
internal sealed class SystemNameResolver : INameResolver
{
    // Asynchronous or not, the platform blocks a thread for a look-up: one of its own, as those of the pool serve requests.
    public static readonly SystemNameResolver Instance = new(name => Task.Factory.StartNew(
        () => Dns.GetHostAddresses(name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    private readonly ConcurrentDictionary<string, Task<IPAddress[]>> _underWay = [];
    private readonly Func<string, Task<IPAddress[]>> _lookUp;

    internal SystemNameResolver(Func<string, Task<IPAddress[]>> lookUp) => _lookUp = lookUp;

    public async Task<ImmutableArray<IPAddress>?> ResolveAsync(string name, CancellationToken cancellation)
    {
        if (await ResolveAllAsync(name, cancellation) is not { } found)
        {
            return null;
        }

        IEnumerable<IPAddress> ofOneFamily = found.Any(a => a.AddressFamily == AddressFamily.InterNetwork)
            ? found.Where(a => a.AddressFamily == AddressFamily.InterNetwork)
            : found;
        return [.. ofOneFamily.OrderBy(a => a.ToString(), StringComparer.Ordinal)];
    }

    public async Task<ImmutableArray<IPAddress>?> ResolveAllAsync(string name, CancellationToken cancellation)
    {
        // The system cancels no look-up that has begun, and one silent name server makes each last for five seconds
        // (resolv.conf(5), timeout). Who gave it up gets what it found with the next question: begun anew each time, none
        // would ever end soon enough.
        Task<IPAddress[]> lookUp = _underWay.GetOrAdd(name, _lookUp);
        try
        {
            IPAddress[] found = await lookUp.WaitAsync(cancellation);
            return found.Length == 0 ? null : [.. found.Distinct()];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            if (lookUp.IsCompleted)
            {
                _underWay.TryRemove(KeyValuePair.Create(name, lookUp));
            }
        }
    }
}
