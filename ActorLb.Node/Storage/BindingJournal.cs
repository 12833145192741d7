using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Storage;

/// <summary>A bucket that is written as a whole.</summary>
internal readonly record struct BucketImage(int Index, BindingBucket Bucket);

/// <summary>What one flush writes of one pool.</summary>
/// <param name="Log">Bindings that changed, for the log.</param>
/// <param name="Images">Buckets of which most changed: written as a whole, and not in the log.</param>
internal sealed record JournalBatch(List<Binding> Log, List<BucketImage> Images)
{
    public bool IsEmpty => Log.Count == 0 && Images.Count == 0;
}

/// <summary>
/// Knows what of one pool's table is already in the file, by the references of its immutable buckets, and so what a
/// flush has to write. What was taken counts as written only after <see cref="Committed"/>: a flush that fails is
/// simply taken again. Used by one thread at a time.
/// </summary>
internal sealed class BindingJournal(BindingTable table)
{
    private readonly BindingBucket[] _written = [.. Enumerable.Repeat(BindingBucket.Empty, BucketId.Count)];
    private readonly bool[] _imageIsOld = new bool[BucketId.Count];
    private readonly List<BucketImage> _takenRoots = [];
    private Dictionary<SessionId, Binding> _writtenProvisional = [];
    private Dictionary<SessionId, Binding> _takenProvisional = [];

    public BindingTable Table { get; } = table;

    /// <summary>Bindings in the written buckets.</summary>
    public int Count { get; private set; }

    /// <summary>What changed since the last commit. Costs a comparison per bucket where nothing did.</summary>
    public JournalBatch Take()
    {
        var batch = new JournalBatch([], []);
        _takenRoots.Clear();
        for (int i = 0; i < BucketId.Count; i++)
        {
            BindingBucket now = Table.Replicated(i);
            BindingBucket before = _written[i];
            if (ReferenceEquals(now, before))
            {
                continue;
            }

            _takenRoots.Add(new BucketImage(i, now));
            var changed = now.ChangedSince(before);
            if (changed.Length * 2 > now.Count)
            {
                batch.Images.Add(new BucketImage(i, now));
            }
            else
            {
                batch.Log.AddRange(changed);
            }
        }

        TakeProvisional(batch.Log);
        return batch;
    }

    /// <summary>What was taken is in the file.</summary>
    public void Committed(JournalBatch batch)
    {
        foreach (BucketImage root in _takenRoots)
        {
            Count += root.Bucket.Count - _written[root.Index].Count;
            _written[root.Index] = root.Bucket;
            _imageIsOld[root.Index] = true;
        }

        foreach (BucketImage image in batch.Images)
        {
            _imageIsOld[image.Index] = false;
        }

        _takenRoots.Clear();
        _writtenProvisional = _takenProvisional;
    }

    /// <summary>The file says of a session what this binding says, or something later.</summary>
    public bool IsWritten(in Binding binding) =>
        (_written[BucketId.IndexOf(binding.Id)].TryGet(binding.Id, out Binding replicated) && !binding.Supersedes(replicated))
        || (_writtenProvisional.TryGetValue(binding.Id, out Binding noted) && !binding.Supersedes(noted));

    /// <summary>The next buckets whose images in the file are older than what was logged of them.</summary>
    /// <param name="from">Where to go on; the index after the last bucket looked at comes back.</param>
    public List<BucketImage> TakeOldImages(ref int from, int countMax)
    {
        var images = new List<BucketImage>();
        for (; from < BucketId.Count && images.Count < countMax; from++)
        {
            if (_imageIsOld[from])
            {
                images.Add(new BucketImage(from, _written[from]));
            }
        }

        return images;
    }

    public void CommittedImages(List<BucketImage> images)
    {
        foreach (BucketImage image in images)
        {
            _imageIsOld[image.Index] = false;
        }
    }

    /// <summary>The file holds this bucket: an image, and perhaps more in the log.</summary>
    public void Loaded(int index, BindingBucket bucket, bool imageIsOld)
    {
        Count += bucket.Count - _written[index].Count;
        _written[index] = bucket;
        _imageIsOld[index] = imageIsOld;
    }

    /// <summary>The log is about to be cut: what stands only there is logged again.</summary>
    public void ForgetProvisional() => _writtenProvisional = [];

    /// <summary>The file is empty: everything has to be written again.</summary>
    public void Forget()
    {
        Array.Fill(_written, BindingBucket.Empty);
        Array.Clear(_imageIsOld);
        _writtenProvisional = [];
        Count = 0;
    }

    // What only this node knows yet is written once; it is written again by its bucket when its owner has it.
    private void TakeProvisional(List<Binding> log)
    {
        _takenProvisional = [];
        if (Table.ProvisionalCount == 0)
        {
            return;
        }

        foreach (Binding binding in Table.Provisional)
        {
            _takenProvisional[binding.Id] = binding;
            if (!_writtenProvisional.TryGetValue(binding.Id, out Binding written) || written != binding)
            {
                log.Add(binding);
            }
        }
    }
}
