using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>
/// The series of things that come and go, such as backends: what a collection does not set any more is not shown any more. One
/// collection at a time.
/// </summary>
internal sealed class LabelledSeries
{
    private readonly Dictionary<(object Metric, string Labels), Series> _series = [];
    private int _collection;

    public Counter.Child Of(Counter counter, params string[] labels)
    {
        Note(counter, labels, () => counter.RemoveLabelled(labels));
        return counter.WithLabels(labels);
    }

    public Gauge.Child Of(Gauge gauge, params string[] labels)
    {
        Note(gauge, labels, () => gauge.RemoveLabelled(labels));
        return gauge.WithLabels(labels);
    }

    /// <summary>The collection has set all that there is.</summary>
    public void DropOthers()
    {
        foreach (((object, string) key, Series series) in _series)
        {
            if (series.SetIn != _collection)
            {
                series.Remove();
                _series.Remove(key);
            }
        }

        _collection++;
    }

    // Labels of one metric are as many as its names: no other list gives the same text.
    private void Note(object metric, string[] labels, Action remove)
    {
        (object, string) key = (metric, string.Join('\0', labels));
        if (_series.TryGetValue(key, out Series? series))
        {
            series.SetIn = _collection;
        }
        else
        {
            _series.Add(key, new Series(remove) { SetIn = _collection });
        }
    }

    private sealed class Series(Action remove)
    {
        public int SetIn { get; set; }

        public Action Remove { get; } = remove;
    }
}
