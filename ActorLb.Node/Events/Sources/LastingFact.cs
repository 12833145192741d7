using ActorLb.Shared.Backends;

namespace ActorLb.Node.Events.Sources;

/// <summary>Of which backends something is so for longer than a moment, and is told: a backend that dies fails some, until it is called down, by one observer before the others.</summary>
internal sealed class LastingFact(TimeProvider time)
{
    public static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan OverAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<BackendName, Lasting> _lasting = [];

    /// <summary>It was so at the last look, told already or not.</summary>
    public bool Has(BackendName backend) => _lasting.ContainsKey(backend);

    public bool IsTold(BackendName backend) => _lasting.TryGetValue(backend, out Lasting? lasting) && lasting.IsTold;

    /// <param name="now">Of which it is so.</param>
    /// <param name="begins">Of which it is to be told.</param>
    /// <param name="ends">And that it is over.</param>
    public void Look<T>(IReadOnlyDictionary<BackendName, T> now, Action<BackendName, T> begins, Action<BackendName> ends)
    {
        foreach (BackendName backend in now.Keys.Where(b => !_lasting.ContainsKey(b)))
        {
            _lasting[backend] = new Lasting(time.GetTimestamp());
        }

        foreach ((BackendName backend, Lasting lasting) in _lasting.ToArray())
        {
            if (now.TryGetValue(backend, out T? what))
            {
                lasting.WellSince = null;
                if (!lasting.IsTold && time.GetElapsedTime(lasting.Since) >= ToldAfter)
                {
                    lasting.IsTold = true;
                    begins(backend, what);
                }
            }
            else if (!lasting.IsTold)
            {
                _lasting.Remove(backend);
            }
            else if (time.GetElapsedTime(lasting.WellSince ??= time.GetTimestamp()) >= OverAfter)
            {
                _lasting.Remove(backend);
                ends(backend);
            }
        }
    }

    private sealed class Lasting(long since)
    {
        public long Since => since;

        public bool IsTold { get; set; }

        public long? WellSince { get; set; }
    }
}
