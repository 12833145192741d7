using System.Collections.Immutable;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Loading;

/// <summary>What came of reading a topology that was given to the cluster.</summary>
/// <param name="Topology">Null where there is a mistake.</param>
/// <param name="Text">All layers as one, without what is each node's own; empty where one could not be read.</param>
internal sealed record TopologyReading(
    Topology? Topology, string Text, ImmutableArray<ConfigurationMistake> Mistakes, ImmutableArray<ConfigurationWarning> Warnings)
{
    /// <summary>Where a key below actorlb was written, or the nearest thing around it: what another node finds wrong is told there.</summary>
    public Func<string, HoconOrigin>? PlaceOf { get; init; }

    /// <summary>Where it was written what stands at a line and column of <see cref="Text"/>; null where nothing of an operator's does.</summary>
    public Func<int, int, HoconOrigin?> OriginOf { get; init; } = static (_, _) => null;

    /// <summary>What others are not to see of it; the mistakes and warnings do not show it.</summary>
    public HiddenValues Hidden { get; init; } = HiddenValues.None;
}

/// <summary>
/// Reads a topology that is given to the cluster: as a node's files, but that who a node is and how it finds the others (node,
/// cluster, admin) is each node's own. <c>${…}</c> is resolved from the environment of the node that reads.
/// </summary>
internal static class TopologyLoader
{
    private static readonly string[] OfTheNode = ["node", "cluster", "admin", "observability"];

    /// <param name="node">Who reads it.</param>
    /// <param name="stored">What is in force, for place holders of secrets; null: there are none.</param>
    public static TopologyReading Read(
        IReadOnlyList<ConfigurationText> layers, NodeSettings node, string? stored = null, ConfigurationEnvironment? environment = null)
    {
        var findings = new ConfigurationFindings();
        try
        {
            return Read(layers, node, stored, environment, findings);
        }
        catch (HoconSyntaxException e)
        {
            // Of several layers together, or of what they refer to.
            findings.Mistake(e.Origin, "", e.Message, e.Expected);
            return Result(findings.Result(null, [.. layers.Select(l => l.Name)]), "", null);
        }
    }

    private static TopologyReading Read(
        IReadOnlyList<ConfigurationText> layers, NodeSettings node, string? stored, ConfigurationEnvironment? environment, ConfigurationFindings findings)
    {
        string[] names = [.. layers.Select(l => l.Name)];
        if (Joined(layers, findings) is not { } given || findings.HasMistakes)
        {
            return Result(findings.Result(null, names), "", null);
        }

        HoconObject written = WrittenSecrets.Kept(Dynamic(given, findings), stored is null ? null : Parse(stored), findings);
        if (findings.HasMistakes)
        {
            return Result(findings.Result(null, names), "", null);
        }

        HoconObject root = HoconLayering.Over(HoconParser.Parse(ReferenceConfiguration.Name, ReferenceConfiguration.Text), written);
        (Topology topology, ConfigurationCursor places) = Read(root, node, environment ?? ConfigurationEnvironment.OfProcess, findings);
        return Result(findings.Result(null, names), HoconWriter.Write(written), findings.HasMistakes ? null : topology) with
        {
            PlaceOf = key => places.Nearest(key).Origin,
            OriginOf = (line, column) => HoconPlaces.OriginOf(written, line, column),
        };
    }

    /// <summary>A text that was written by <see cref="HoconWriter"/>.</summary>
    public static HoconObject Parse(string text) => HoconParser.Parse("topology", text);

    /// <summary>Of all layers as one, what is not each node's own; as it is kept.</summary>
    public static string DynamicText(HoconObject written) => HoconWriter.Write(Dynamic(written, new ConfigurationFindings()));

    private static TopologyReading Result(ConfigurationResult result, string text, Topology? topology) =>
        new(topology, text, [.. result.Mistakes.Select(result.Hidden.In)], [.. result.Warnings.Select(result.Hidden.In)]) { Hidden = result.Hidden };

    private static HoconObject? Joined(IReadOnlyList<ConfigurationText> layers, ConfigurationFindings findings)
    {
        HoconObject? joined = null;
        bool isOurs = false;
        foreach (ConfigurationText layer in layers)
        {
            if (ConfigurationLoader.Parse(layer, findings) is { } parsed)
            {
                isOurs |= ConfigurationLoader.IsOurs(parsed);
                joined = joined is null ? parsed : HoconLayering.Over(joined, parsed);
            }
        }

        if (!isOurs && !findings.HasMistakes && layers.Count > 0)
        {
            ConfigurationLoader.ComplainOfForeign(layers, findings);
        }

        return joined;
    }

    private static HoconObject Dynamic(HoconObject given, ConfigurationFindings findings)
    {
        var dynamic = new HoconObject(given.Origin);
        foreach (HoconMember member in given.Members)
        {
            if (member is { Key: ConfigurationLoader.RootKey, Value: HoconObject sections })
            {
                var kept = new HoconObject(sections.Origin);
                foreach (HoconMember section in sections.Members)
                {
                    if (OfTheNode.Contains(section.Key))
                    {
                        findings.Warn(section.Origin, $"{ConfigurationLoader.RootKey}.{section.Key}", "this is each node's own and no part of what is applied", "change it in the node's files, and start it anew");
                    }
                    else
                    {
                        kept.Put(section);
                    }
                }

                dynamic.Put(member with { Value = kept });
            }
            else
            {
                dynamic.Put(member);
            }
        }

        return dynamic;
    }

    private static (Topology Topology, ConfigurationCursor Places) Read(HoconObject root, NodeSettings node, ConfigurationEnvironment environment, ConfigurationFindings findings)
    {
        var resolver = new HoconResolver(
            root, findings.Hiding(environment.Variable), (origin, problem, expected) => findings.Mistake(origin, "", problem, expected));
        HoconObject resolved = resolver.Resolve();
        ConfigurationCursor cursor = ConfigurationCursor.Root(resolved, ConfigurationLoader.RootKey, findings);
        Topology topology = NodeReader.ReadTopology(cursor, node, environment);
        cursor.RefuseUnknownKeys();
        ConfigurationLoader.RefuseStrayKeys(resolved, cursor, resolver, findings);
        return (topology, cursor);
    }
}
