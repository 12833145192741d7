namespace ActorLb.Engine.Certificates;

/// <summary>Something that was loaded from files, and is loaded again when they change (<see cref="CertificateWatch"/>).</summary>
public interface IFollowsFiles
{
    /// <summary>The key of the configuration that names them, below actorlb.</summary>
    string Key { get; }

    /// <summary>In the order in which they are read.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>What was in them when they were loaded last, as a hash for each.</summary>
    string Loaded { get; }

    /// <summary>What there is to say of what is loaded.</summary>
    string Description { get; }

    /// <summary>Loads them again; whoever asks from now on gets what is in them.</summary>
    /// <exception cref="CertificateFileException">They cannot be used: what was loaded before stays.</exception>
    void Load();
}
