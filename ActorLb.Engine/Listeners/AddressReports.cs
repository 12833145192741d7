using System.Net;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Listeners;

/// <summary>
/// Tells what client addresses did wrong, so that whoever floods does not fill the disk: a line at once, then at most one for each
/// address, kind and minute, with how often since the last one. Any thread.
/// </summary>
/// <remarks>Holds what happened in the last minute, of <see cref="AddressesMax"/> addresses; the others are told together.</remarks>
public sealed class AddressReports : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public const int AddressesMax = 1024;

    private static readonly ClientKey Others = new(false, 0);

    private readonly Lock _lock = new();
    private readonly Dictionary<(ClientKey Client, string Kind), Entry> _entries = [];
    private readonly TimeProvider _time;
    private readonly Action<string, string, long> _tell;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <param name="tell">The address ("others" for those beyond what is held), the kind, and how often since it was last told.</param>
    public AddressReports(TimeProvider time, Action<string, string, long> tell)
    {
        _time = time;
        _tell = tell;
    }

    /// <param name="kind">Of a few.</param>
    public void Note(IPAddress address, string kind)
    {
        (string Address, string Kind) told;
        lock (_lock)
        {
            ClientKey client = ClientKey.Of(address);
            bool isKnown = _entries.TryGetValue((client, kind), out Entry? entry);
            if (!isKnown && _entries.Count >= AddressesMax)
            {
                client = Others;
                isKnown = _entries.TryGetValue((client, kind), out entry);
            }

            if (isKnown)
            {
                entry!.Untold++;
                return;
            }

            string name = client == Others ? "others" : Plain(address).ToString();
            _entries[(client, kind)] = new Entry(name);
            SetTimer();
            told = (name, kind);
        }

        _tell(told.Address, told.Kind, 1);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // Runs for as long as there is something to tell.
    private void SetTimer()
    {
        if (_timer is null && !_isDisposed)
        {
            _timer = _time.CreateTimer(static r => ((AddressReports)r!).Tell(), this, Interval, Interval);
        }
    }

    private void Tell()
    {
        var due = new List<(string Address, string Kind, long Count)>();
        lock (_lock)
        {
            foreach (((ClientKey Client, string Kind) key, Entry entry) in _entries.ToArray())
            {
                if (entry.Untold == 0)
                {
                    _entries.Remove(key);
                    continue;
                }

                due.Add((entry.Address, key.Kind, entry.Untold));
                entry.Untold = 0;
            }

            if (_entries.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }

        foreach ((string address, string kind, long count) in due)
        {
            _tell(address, kind, count);
        }
    }

    private sealed class Entry(string address)
    {
        public string Address => address;

        public long Untold { get; set; }
    }
}
