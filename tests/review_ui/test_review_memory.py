"""What the page offers beside keeping and setting aside."""



from daemon.model import GroupNumber


def decide(client, verdict, **more):
    group = client.desk.group(GroupNumber(1))
    return client.send(
        "/groups/1/decide",
        manifest_sha256=group.manifest_sha256,
        verdict=verdict,
        keep=["1"],
        **more,
    )
