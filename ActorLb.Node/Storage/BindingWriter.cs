using ActorLb.Engine.Sessions;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Storage;

/// <summary>
/// Writes the journals of all pools: what changed goes into the log, and once the log holds half as many records as
/// there are bindings, a round of images makes it empty again, a few per flush. Used by one thread at a time.
/// </summary>
internal sealed class BindingWriter
{
    /// <summary>Images of a round written per flush: half a megabyte at a million bindings.</summary>
    private const int ImagesPerFlush = 16;

    /// <summary>A log of fewer records is not worth a round: half a megabyte.</summary>
    private const int LogRecordsMin = 16_384;

    private readonly Dictionary<string, BindingJournal> _journals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private string[] _pools = [];
    private long _logRecords;
    private long _lastSeq;
    private Round? _round;

    /// <summary>These are the pools whose bindings are kept now; those of others are deleted with the next flush.</summary>
    public void Follow(IEnumerable<KeyValuePair<string, BindingTable>> tables)
    {
        Dictionary<string, BindingTable> kept = new(tables, StringComparer.Ordinal);
        string[] gone = [.. _journals.Where(j => kept.GetValueOrDefault(j.Key) != j.Value.Table).Select(j => j.Key)];
        string[] come = [.. kept.Keys.Where(p => !_journals.ContainsKey(p) || gone.Contains(p))];
        if (gone.Length + come.Length == 0)
        {
            return;
        }

        foreach (string pool in gone)
        {
            _journals.Remove(pool);
            _gone.Add(pool);
        }

        foreach (string pool in come)
        {
            _journals.Add(pool, new BindingJournal(kept[pool]));
        }

        // Places of a round that is under way would be of other pools.
        _round = null;
        _pools = [.. _journals.Keys.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc cref="BindingJournal.IsWritten"/>
    public bool IsWritten(string pool, in Binding binding) => _journals.TryGetValue(pool, out BindingJournal? journal) && journal.IsWritten(binding);

    public void Flush(NodeDatabase database)
    {
        var batches = new List<(string Pool, JournalBatch Batch)>();
        foreach (string pool in _pools)
        {
            batches.Add((pool, _journals[pool].Take()));
        }

        bool begins = _round is null && _logRecords > Math.Max(LogRecordsMin, _pools.Sum(p => _journals[p].Count) / 2);
        _round ??= begins ? new Round(_lastSeq, _logRecords) : null;
        List<BucketImage> images = _round is null || begins ? [] : NextImages(_round);
        bool ends = _round is not null && _round.Pool == _pools.Length;
        try
        {
            if (images.Count > 0 || ends || _gone.Count > 0 || batches.Any(b => !b.Batch.IsEmpty))
            {
                database.Write(durable: false, d => Write(d, batches, images, ends));
            }
        }
        catch
        {
            // Which images of the round are in the file is not known any more: the next one begins anew.
            _round = null;
            throw;
        }

        Commit(batches, images, begins, ends);
    }

    /// <param name="atStart">Nobody reads the tables yet. Later their buckets belong to the replica, and what a file brings is noted.</param>
    public void Load(LoadedFile file, bool atStart)
    {
        Forget();
        _lastSeq = file.LastSeq;
        foreach ((string name, LoadedPool pool) in file.Pools)
        {
            if (!_journals.TryGetValue(name, out BindingJournal? journal))
            {
                continue;
            }

            foreach ((int index, BindingBucket bucket) in pool.Buckets)
            {
                if (atStart)
                {
                    journal.Table.Publish(index, bucket);
                    journal.Loaded(index, bucket, pool.Logged.Contains(index));
                }
                else
                {
                    NoteAll(journal, bucket);
                }

                _logRecords += pool.Logged.Contains(index) ? bucket.Count : 0;
            }
        }
    }

    /// <summary>The file is empty: everything has to be written again.</summary>
    public void Forget()
    {
        _round = null;
        _logRecords = 0;
        foreach (BindingJournal journal in _journals.Values)
        {
            journal.Forget();
        }
    }

    private static void NoteAll(BindingJournal journal, BindingBucket bucket)
    {
        for (int page = 0; page < BindingBucket.PageCount; page++)
        {
            foreach (Binding binding in bucket.Page(page))
            {
                journal.Table.Note(binding);
            }
        }
    }

    private static void Put(NodeDatabase database, string pool, List<BucketImage> images)
    {
        foreach (BucketImage image in images)
        {
            var bindings = new List<Binding>(image.Bucket.Count);
            for (int page = 0; page < BindingBucket.PageCount; page++)
            {
                bindings.AddRange(image.Bucket.Page(page));
            }

            database.PutImage(pool, image.Index, BindingRecords.Write(image.Bucket.Horizon, bindings));
        }
    }

    // A round's images are older than what this flush brings: they come first.
    private void Write(NodeDatabase database, List<(string Pool, JournalBatch Batch)> batches, List<BucketImage> images, bool ends)
    {
        foreach (string pool in _gone)
        {
            database.DeletePool(pool);
        }

        if (images.Count > 0)
        {
            Put(database, _pools[_round!.ImagesOf], images);
        }

        foreach ((string pool, JournalBatch batch) in batches)
        {
            Put(database, pool, batch.Images);
            if (batch.Log.Count > 0)
            {
                _lastSeq = database.AppendLog(pool, BindingRecords.Write(0, batch.Log));
            }
        }

        if (ends)
        {
            database.DeleteLogThrough(_round!.LogThrough);
        }
    }

    private void Commit(List<(string Pool, JournalBatch Batch)> batches, List<BucketImage> images, bool begins, bool ends)
    {
        if (images.Count > 0)
        {
            _journals[_pools[_round!.ImagesOf]].CommittedImages(images);
        }

        foreach ((string pool, JournalBatch batch) in batches)
        {
            _journals[pool].Committed(batch);
            _logRecords += batch.Log.Count;
            if (begins)
            {
                _journals[pool].ForgetProvisional();
            }
        }

        _gone.Clear();
        if (ends)
        {
            _logRecords -= _round!.LogRecords;
            _round = null;
        }
    }

    // Images are of what is committed, and the log is cut only through what was in it when the round began: whatever
    // a flush adds in between stays in the log.
    private List<BucketImage> NextImages(Round round)
    {
        round.ImagesOf = round.Pool;
        List<BucketImage> images = _journals[_pools[round.Pool]].TakeOldImages(ref round.Bucket, ImagesPerFlush);
        if (round.Bucket == BucketId.Count)
        {
            round.Pool++;
            round.Bucket = 0;
        }

        return images;
    }

    private sealed class Round(long logThrough, long logRecords)
    {
        public int Pool;
        public int Bucket;
        public int ImagesOf;

        public long LogThrough { get; } = logThrough;

        public long LogRecords { get; } = logRecords;
    }
}
