using System.Net;
using ActorLb.Engine.Clients;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Reports;

/// <summary>
/// Tells what client addresses did wrong: a line at once, then at most one for each address, kind and minute, with how often since
/// the last one. Any thread.
/// </summary>
/// <remarks>Of <see cref="AddressesMax"/> addresses and kinds; the others are told together.</remarks>
public sealed class AddressReports : IDisposable
{
    public const int AddressesMax = 1024;

    public static readonly TimeSpan Interval = Repetitions<Key>.Interval;

    private readonly Action<string, string, long> _tell;
    private readonly Repetitions<Key> _repetitions;

    /// <param name="tell">The address ("others" for those beyond what is held), the kind, and how often since it was last told.</param>
    public AddressReports(TimeProvider time, Action<string, string, long> tell)
    {
        _tell = tell;
        _repetitions = new Repetitions<Key>(time, (key, count) => tell(key.Address, key.Kind, count));
    }

    public AddressReports(TimeProvider time, ILogger logger)
        : this(time, (address, kind, count) => Log.ClientReported(logger, address, kind, count))
    {
    }

    /// <param name="kind">Of a few: what it did.</param>
    public void Note(IPAddress address, string kind)
    {
        if (IsNews(address, kind, out string shown))
        {
            _tell(shown, kind, 1);
        }
    }

    /// <summary>True: whoever notes tells it now, and knows more of it than is told later of those that follow.</summary>
    /// <param name="shown">The address, or "others".</param>
    public bool IsNews(IPAddress address, string kind, out string shown)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var key = new Key(ClientKey.Of(plain), kind, plain.ToString());
        bool isNews = _repetitions.IsNews(ref key, AddressesMax, new Key(default, kind, "others"));
        shown = key.Address;
        return isNews;
    }

    public void Dispose() => _repetitions.Dispose();

    /// <summary>The addresses of one client are one, by the first of them.</summary>
    private readonly record struct Key(ClientKey Client, string Kind, string Address)
    {
        public bool Equals(Key other) => Client == other.Client && Kind == other.Kind;

        public override int GetHashCode() => HashCode.Combine(Client, Kind);
    }
}
