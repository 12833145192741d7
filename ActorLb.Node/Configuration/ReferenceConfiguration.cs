using System.Reflection;

namespace ActorLb.Node.Configuration;

/// <summary>hocon/reference.conf, which lies under every configuration and is the only place of defaults.</summary>
internal static class ReferenceConfiguration
{
    /// <summary>How it is called where a mistake or a warning points to it; no file of an operator has this name.</summary>
    public const string Name = "(reference.conf)";

    public static string Text { get; } = Read();

    private static string Read()
    {
        const string Resource = "hocon/reference.conf";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
