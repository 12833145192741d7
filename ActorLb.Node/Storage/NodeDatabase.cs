using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActorLb.Node.Storage;

/// <summary>
/// One open SQLite file and its statements. Bindings are images of buckets and a log of what changed since: a row per
/// binding would dirty a random page for each of them. Throws SqliteException; decides nothing.
/// </summary>
internal sealed class NodeDatabase : IDisposable
{
    /// <summary>"ALB1": tells the file from other SQLite files.</summary>
    public const int ApplicationId = 0x414C4231;

    /// <summary>The schema that this version writes. 1: images, log and states.</summary>
    public const int SchemaVersion = 1;

    private const int CheckpointPages = 2_000;

    /// <summary>The log shrinks to this after a large transaction: twice what is in it between two checkpoints.</summary>
    private const int LogBytesMax = 2 * CheckpointPages * 4096;

    private readonly SqliteConnection _connection;

    private NodeDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or makes the file, for this process alone.</summary>
    /// <param name="pageCountMax">0: SQLite's own limit. Tests make a full disk of it.</param>
    /// <exception cref="SqliteException">It cannot be opened, is damaged, or another process has it (SQLITE_BUSY).</exception>
    /// <exception cref="NewerFileException">A newer version wrote it.</exception>
    public static NodeDatabase Open(string path, TimeSpan busyTimeout, long pageCountMax = 0)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)busyTimeout.TotalSeconds),
        }.ToString());
        var database = new NodeDatabase(connection);
        try
        {
            connection.Open();

            // Exclusive before the first access: the file is ours alone, and the index of the log needs no shared memory.
            database.Execute("PRAGMA locking_mode = EXCLUSIVE");
            database.Execute("PRAGMA journal_mode = WAL");
            database.Execute("PRAGMA synchronous = NORMAL");
            database.Execute($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
            database.Execute($"PRAGMA journal_size_limit = {LogBytesMax}");
            database.Migrate();
            if (pageCountMax > 0)
            {
                database.Execute($"PRAGMA max_page_count = {pageCountMax}");
            }

            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Tells this file from one that took its place.</summary>
    public byte[]? Identity => State("identity");

    public void Dispose() => _connection.Dispose();

    /// <param name="durable">True: on the disk itself when this returns, not only with the operating system.</param>
    public void Write(bool durable, Action<NodeDatabase> changes)
    {
        Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Execute("BEGIN IMMEDIATE");
        try
        {
            changes(this);
            Execute("COMMIT");
        }
        catch
        {
            // SQLite may have rolled back already, on a full disk for instance.
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            {
                Execute("ROLLBACK");
            }

            throw;
        }
    }

    public long AppendLog(string pool, byte[] records)
    {
        using SqliteCommand command = Command("INSERT INTO log(pool, records) VALUES ($pool, $records) RETURNING seq", ("$pool", pool), ("$records", records));
        return (long)command.ExecuteScalar()!;
    }

    public void PutImage(string pool, int bucket, byte[] records) => Execute(
        "INSERT INTO image(pool, bucket, records) VALUES ($pool, $bucket, $records) "
        + "ON CONFLICT(pool, bucket) DO UPDATE SET records = excluded.records",
        ("$pool", pool),
        ("$bucket", bucket),
        ("$records", records));

    public void DeleteLogThrough(long seq) => Execute("DELETE FROM log WHERE seq <= $seq", ("$seq", seq));

    public void DeletePool(string pool)
    {
        Execute("DELETE FROM image WHERE pool = $pool", ("$pool", pool));
        Execute("DELETE FROM log WHERE pool = $pool", ("$pool", pool));
    }

    public void PutState(string name, byte[] value) => Execute(
        "INSERT INTO state(name, value) VALUES ($name, $value) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        ("$name", name),
        ("$value", value));

    public byte[]? State(string name)
    {
        using SqliteCommand command = Command("SELECT value FROM state WHERE name = $name", ("$name", name));
        return (byte[]?)command.ExecuteScalar();
    }

    public IEnumerable<(string Pool, int Bucket, byte[] Records)> Images()
    {
        using SqliteCommand command = Command("SELECT pool, bucket, records FROM image");
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetString(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
        }
    }

    public IEnumerable<(long Seq, string Pool, byte[] Records)> Log()
    {
        using SqliteCommand command = Command("SELECT seq, pool, records FROM log ORDER BY seq");
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2));
        }
    }

    private void Migrate()
    {
        long version = Number("PRAGMA user_version");
        bool isOurs = Number("PRAGMA application_id") == ApplicationId;
        if (!isOurs && (version != 0 || Number("SELECT count(*) FROM sqlite_master") > 0))
        {
            throw new SqliteException("it is a database, but not one of ActorLb", raw.SQLITE_NOTADB);
        }

        if (version > SchemaVersion)
        {
            throw new NewerFileException(version);
        }

        if (version == SchemaVersion)
        {
            return;
        }

        // One transaction: a crash leaves the old file or the new one.
        Write(durable: true, database =>
        {
            database.Execute("CREATE TABLE image(pool TEXT NOT NULL, bucket INTEGER NOT NULL, records BLOB NOT NULL, PRIMARY KEY(pool, bucket))");
            database.Execute("CREATE TABLE log(seq INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL, records BLOB NOT NULL)");
            database.Execute("CREATE TABLE state(name TEXT PRIMARY KEY, value BLOB NOT NULL)");
            database.PutState("identity", Guid.NewGuid().ToByteArray());
            database.Execute($"PRAGMA application_id = {ApplicationId}");
            database.Execute($"PRAGMA user_version = {SchemaVersion}");
        });
    }

    private long Number(string sql)
    {
        using SqliteCommand command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}

/// <summary>A newer version of the product wrote the file; this one neither understands nor touches it.</summary>
internal sealed class NewerFileException(long version)
    : Exception($"written by a newer version (its schema is {version}, this version knows {NodeDatabase.SchemaVersion})");
