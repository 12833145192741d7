using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorLb.Node.Admin;

/// <summary>How the admin API writes and reads JSON, for both of its sides.</summary>
public static class AdminJson
{
    public static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web);

    /// <summary>For people: --json on the command line.</summary>
    public static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>For logs: what is not there is left out, and what needs no escaping has none.</summary>
    public static readonly JsonSerializerOptions Brief = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Requests: what we do not know, or find twice, is a mistake and not a default.</summary>
    public static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 4,
    };
}
