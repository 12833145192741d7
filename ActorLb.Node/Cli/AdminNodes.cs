using System.Collections.Immutable;
using System.Text.Json;
using ActorLb.Engine.Certificates;

namespace ActorLb.Node.Cli;

/// <summary>
/// The nodes of a cluster that can be asked: those that an operator gave, and behind them those of which one of them told. Any thread.
/// </summary>
internal sealed class AdminNodes : IDisposable
{
    /// <summary>What tells the addresses of all members.</summary>
    public const string LivePath = "/api/v1/live";

    /// <summary>Of addresses that were told: members come and go while somebody looks for days.</summary>
    public const int LearnedMax = 64;

    /// <summary>Where another one can be asked: a document takes milliseconds.</summary>
    public static readonly TimeSpan DocumentTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Func<Uri, AdminReach, AdminConnection> _connect;
    private readonly ImmutableArray<AdminConnection> _given;
    private ImmutableArray<AdminConnection> _learned = [];
    private IReadOnlyList<AdminConnection> _all;
    private volatile string _unasked = "";

    /// <param name="admins">One at least, in the order in which they are asked.</param>
    /// <param name="tls">What https:// goes by; null: there is none.</param>
    public AdminNodes(IReadOnlyList<Uri> admins, string? token, BackendTls? tls)
    {
        _given = [.. admins.Select(admin => new AdminConnection(admin, token, admins.Count > 1 ? DocumentTimeout : ConnectTimeout, tls))];
        _connect = (admin, reach) => new AdminConnection(admin, token, DocumentTimeout, tls, reach);
        _all = _given;
    }

    /// <summary>In the order in which they are asked: those that were given first.</summary>
    public IReadOnlyList<AdminConnection> All => Volatile.Read(ref _all);

    /// <summary>Which members are not asked from here, and why, in a few words; empty: there are none.</summary>
    public string Unasked => _unasked;

    /// <summary>The one that is asked when this one is gone.</summary>
    public AdminConnection After(AdminConnection left)
    {
        IReadOnlyList<AdminConnection> all = All;
        int at = -1;
        for (int i = 0; i < all.Count && at < 0; i++)
        {
            at = ReferenceEquals(all[i], left) ? i : -1;
        }

        return all[(at + 1) % all.Count];
    }

    /// <summary>Takes the addresses of the other members from what a node says of what happens.</summary>
    /// <param name="from">Where it was asked.</param>
    /// <param name="live">As <c>GET /api/v1/live</c> tells it.</param>
    public void Learn(Uri from, JsonElement live)
    {
        AdminAddresses told = AdminAddresses.In(live, from);
        lock (_lock)
        {
            _unasked = told.Unasked;
            Uri[] unknown = [.. told.Others.Where(u => !All.Any(n => IsSame(n.Admin, u)))];
            if (unknown.Length == 0)
            {
                return;
            }

            // Nothing of one that is forgotten is closed: somebody may be listening there.
            _learned =
            [
                .. _learned.OrderBy(n => told.Others.Any(u => IsSame(n.Admin, u)))
                    .Concat(unknown.Take(LearnedMax).Select(u => _connect(u, told.MayBeHere ? AdminReach.ToldHere : AdminReach.ToldElsewhere)))
                    .TakeLast(LearnedMax),
            ];
            Volatile.Write(ref _all, [.. _given, .. _learned]);
        }
    }

    public void Dispose()
    {
        foreach (AdminConnection node in All)
        {
            node.Dispose();
        }
    }

    private static bool IsSame(Uri one, Uri other) => one.Authority == other.Authority && one.Scheme == other.Scheme;
}
