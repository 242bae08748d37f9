// Questions and orders to a running kamailio: JSON-RPC in datagrams of a local socket (its module jsonrpcs).
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SipEmbedded.Interop.Tests.Registration;

internal sealed class KamailioControl(string folder)
{
    // What it writes of a few bindings, many times over.
    private const int MaxOctets = 60_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public string SocketPath { get; } = Path.Combine(folder, "control");

    /// <summary>Asks; null where nobody answers.</summary>
    public JsonNode? TryCall(string method, params string[] parameters)
    {
        string own = Path.Combine(folder, $"asker-{Guid.NewGuid():N}");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(own));
        socket.ReceiveTimeout = (int)Limit.TotalMilliseconds;
        try
        {
            var request = new JsonObject
            {
                ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray([.. parameters.Select(text => (JsonNode)text)]),
            };
            socket.SendTo(Encoding.UTF8.GetBytes(request.ToJsonString()), new UnixDomainSocketEndPoint(SocketPath));
            byte[] answer = new byte[MaxOctets];
            int length = socket.Receive(answer);
            return JsonNode.Parse(answer.AsSpan(0, length));
        }
        catch (SocketException)
        {
            return null;
        }
        finally
        {
            File.Delete(own);
        }
    }

    /// <summary>The result of an order that must be obeyed.</summary>
    public JsonNode? Call(string method, params string[] parameters)
    {
        var answer = TryCall(method, parameters) ?? throw new IOException($"kamailio does not answer {method}");
        return answer["error"] is { } error ? throw new IOException($"{method}: {error.ToJsonString(JsonSerializerOptions.Default)}") : answer["result"];
    }
}
